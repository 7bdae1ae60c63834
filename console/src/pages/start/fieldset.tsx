import type { ReactNode } from 'react';
import classes from './fieldset.module.css';

interface FieldsetProps {
  readonly label: string;
  readonly description: string | null;
  readonly error: string | null;
  readonly required: boolean;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** Fields that belong together. */
export function Fieldset({ label, description, error, required, aside = null, children }: FieldsetProps) {
  return (
    <fieldset className={classes['fieldset']}>
      <legend className={classes['legend']}>
        {label}
        {required ? null : <span className={classes['optional']}> (optional)</span>}
      </legend>
      {aside ? <div className={classes['aside']}>{aside}</div> : null}
      {description ? <p className={classes['description']}>{description}</p> : null}
      {error ? (
        <p className={classes['error']} role="alert">
          {error}
        </p>
      ) : null}
      {children}
    </fieldset>
  );
}

import { useId, type ReactNode } from 'react';
import classes from './card.module.css';

interface CardProps {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  /** Without space around it, for lists and tables. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A titled region of a page. */
export function Card({ title, aside, flush = false, children }: CardProps) {
  const id = useId();
  if (title === undefined) return <div className={classes['card']}>{children}</div>;
  return (
    <section className={classes['card']} aria-labelledby={id}>
      <div className={classes['head']}>
        <h2 id={id} className={classes['title']}>
          {title}
        </h2>
        {aside}
      </div>
      <div className={flush ? undefined : classes['body']}>{children}</div>
    </section>
  );
}

import type { CSSProperties, ReactNode } from 'react';
import { Link } from 'wouter';
import type { Tone } from '../../model/words.ts';
import classes from './figure.module.css';

interface FiguresProps {
  readonly label: string;
  /** How many stand beside one another where there is room. */
  readonly columns: 4 | 8;
  readonly children: ReactNode;
}

export function Figures({ label, columns, children }: FiguresProps) {
  return (
    <section aria-label={label} className={classes['figures']} style={{ '--columns': columns } as CSSProperties}>
      {children}
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: ReactNode;
  /** The colour of the number. */
  readonly tone?: Tone | null;
  /** The colour of the mark before the number. */
  readonly mark?: Tone;
  /** Where one sees what was counted. */
  readonly href?: string;
}

export function Figure({ name, value, tone = null, mark, href }: FigureProps) {
  const style = { '--mark': mark ? `var(--${mark})` : 'transparent' } as CSSProperties;
  return (
    <div className={classes['figure']} style={style}>
      <span className={classes['name']}>
        {href ? (
          <Link href={href} className={classes['link']}>
            {name}
          </Link>
        ) : (
          name
        )}
      </span>
      <span
        className={classes['value']}
        data-marked={mark !== undefined || undefined}
        style={tone ? { color: `var(--${tone})` } : {}}
      >
        {value}
      </span>
    </div>
  );
}

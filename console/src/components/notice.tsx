import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Tone } from '../model/words.ts';
import classes from './notice.module.css';
import { toneStyle } from './pill.tsx';

interface NoticeProps {
  readonly title: string;
  /** Default `bad`. */
  readonly tone?: Extract<Tone, 'bad' | 'turning'>;
  readonly children?: ReactNode;
}

/** What went wrong, told at once to those who listen, too. */
export function Notice({ title, tone = 'bad', children }: NoticeProps) {
  return (
    <div className={classes['notice']} style={toneStyle(tone)} role="alert">
      <IconAlertTriangle size={18} className={classes['icon']} aria-hidden="true" />
      <div className={classes['text']}>
        <b className={classes['title']}>{title}</b>
        <div>{children}</div>
      </div>
    </div>
  );
}

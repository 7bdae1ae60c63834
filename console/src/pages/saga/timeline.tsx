import { useMemo } from 'react';
import type { SagaView } from '../../api/types.ts';
import { toneStyle } from '../../components/pill.tsx';
import { ClockTime } from '../../components/time.tsx';
import { duration } from '../../model/time.ts';
import { timeline, type Moment } from '../../model/timeline.ts';
import classes from './timeline.module.css';

export function Timeline({ saga }: { readonly saga: SagaView }) {
  const moments = useMemo(() => timeline(saga), [saga]);
  return (
    <ol className={classes['timeline']}>
      {moments.map((moment) => (
        <MomentView key={moment.key} moment={moment} />
      ))}
    </ol>
  );
}

/** Pauses shorter than this are not worth a line. */
const PAUSE_MS = 500;

function MomentView({ moment }: { readonly moment: Moment }) {
  return (
    <>
      {moment.afterMs >= PAUSE_MS ? <li className={classes['pause']}>{duration(moment.afterMs)} later</li> : null}
      <li className={classes['moment']} style={toneStyle(moment.tone)}>
        <span className={classes['at']}>
          <ClockTime at={moment.at} exact />
        </span>
        <div className={classes['what']}>
          {moment.step ? <span className={classes['step']}>{moment.step}</span> : null}
          <span className={classes['title']}>{moment.title}</span>
          {moment.tookMs === null ? null : <span className={classes['took']}>in {duration(moment.tookMs)}</span>}
          {moment.actor ? <span className={classes['actor']}>by {moment.actor}</span> : null}
          {moment.detail ? <p className={classes['detail']}>{moment.detail}</p> : null}
        </div>
      </li>
    </>
  );
}

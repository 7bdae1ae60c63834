import type { SagaView } from '../../api/types.ts';
import { toneStyle } from '../../components/pill.tsx';
import { SAGA_WORDS } from '../../model/words.ts';
import classes from './next-sentence.module.css';

/** What happens next, in one sentence: what somebody at three in the morning wants to know first. */
export function NextSentence({ saga }: { readonly saga: SagaView }) {
  const { tone } = SAGA_WORDS[saga.status] ?? SAGA_WORDS.CANCELLED;
  return (
    <section className={classes['next']} style={toneStyle(tone)} aria-live="polite" aria-label="What happens next">
      <span className={classes['label']}>What happens next</span>
      <span className={classes['sentence']}>{saga.next}</span>
      {(saga.error ?? saga.reason) ? <span className={classes['cause']}>{saga.error ?? saga.reason}</span> : null}
    </section>
  );
}

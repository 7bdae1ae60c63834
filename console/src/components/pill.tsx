import type { CSSProperties, ReactNode } from 'react';
import type { SagaStatus, StepView } from '../api/types.ts';
import { SAGA_WORDS, STEP_WORDS, type Tone, WAITS_FOR_A_PERSON } from '../model/words.ts';
import classes from './pill.module.css';

/** The colours of a tone, for what is styled by `--tone` and `--tone-ground`. */
export const toneStyle = (tone: Tone): CSSProperties =>
  ({ '--tone': `var(--${tone})`, '--tone-ground': `var(--${tone}-ground)` }) as CSSProperties;

interface PillProps {
  readonly tone: Tone;
  readonly pulsing?: boolean;
  readonly children: ReactNode;
}

export function Pill({ tone, pulsing = false, children }: PillProps) {
  return (
    <span className={classes['pill']} style={toneStyle(tone)}>
      <span className={`${classes['dot']} ${pulsing ? classes['pulsing'] : ''}`} aria-hidden="true" />
      {children}
    </span>
  );
}

export function SagaPill({ status }: { readonly status: SagaStatus }) {
  const { text, tone } = SAGA_WORDS[status] ?? { text: status, tone: 'quiet' };
  return (
    <Pill tone={tone} pulsing={status === 'RUNNING' || status === 'COMPENSATING'}>
      {text}
    </Pill>
  );
}

export function StepPill({ step: { status, undo } }: { readonly step: Pick<StepView, 'status' | 'undo'> }) {
  // Nobody tried: only a person can undo it.
  const asked = status === 'COMPENSATION_FAILED' && undo === 'manual';
  const { text, tone } = asked ? WAITS_FOR_A_PERSON : (STEP_WORDS[status] ?? { text: status, tone: 'quiet' });
  return <Pill tone={tone}>{text}</Pill>;
}

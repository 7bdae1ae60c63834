import { Text } from '@mantine/core';
import type { SagaView, StepView } from '../../api/types.ts';
import { JsonTree } from '../../components/json-tree.tsx';
import { StepPill } from '../../components/pill.tsx';
import { between, duration } from '../../model/time.ts';
import { UNDO_WORDS } from '../../model/words.ts';
import classes from './steps.module.css';

export function Steps({ saga }: { readonly saga: SagaView }) {
  return (
    <ol className={classes['steps']}>
      {saga.steps.map((step) => (
        <Step key={step.name} step={step} current={saga.status === 'RUNNING' && step.name === saga.currentStep} />
      ))}
    </ol>
  );
}

function Step({ step, current }: { readonly step: StepView; readonly current: boolean }) {
  const hasOutput = step.output !== null && step.output !== undefined;
  return (
    <li className={classes['step']} aria-current={current ? 'step' : undefined}>
      <div className={classes['head']}>
        <span className={classes['name']}>{step.name}</span>
        <StepPill step={step} />
      </div>
      <p className={classes['facts']}>{factsOf(step).join(' · ')}</p>
      <Trouble what="Error" message={step.error} />
      {step.compensationError === step.instructions ? null : (
        <Trouble what="Error of the undo" message={step.compensationError} />
      )}
      {step.instructions && step.status === 'COMPENSATION_FAILED' ? (
        <Text size="sm" className={classes['instructions']}>
          <b>To undo it by hand:</b> {step.instructions}
        </Text>
      ) : null}
      {hasOutput ? <JsonTree value={step.output} label="Output" collapsed /> : null}
    </li>
  );
}

function factsOf(step: StepView): readonly string[] {
  const { kind, undo, startedAt, doneAt, compensationAttempts } = step;
  return [
    kind,
    step.attempts > 0 ? attemptsOf(step) : null,
    startedAt && doneAt ? `took ${duration(between(startedAt, doneAt))}` : null,
    undo ? UNDO_WORDS[undo] : null,
    compensationAttempts > 0 && undo !== 'manual' ? `undo attempts: ${compensationAttempts}` : null,
  ].filter((fact) => fact !== null);
}

function attemptsOf({ attempts, maxAttempts }: StepView): string {
  if (maxAttempts === null) return `attempts: ${attempts}`;
  return `attempt ${attempts} of ${Math.max(maxAttempts, attempts)}`;
}

function Trouble({ what, message }: { readonly what: string; readonly message: string | null }) {
  if (message === null) return null;
  return (
    <p className={classes['error']}>
      <span>{what}</span> {message}
    </p>
  );
}

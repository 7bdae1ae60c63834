import type { SagaRecord, StepRecord } from './record.ts';
import type { Ending } from './status.ts';

/** What is to be done next for a saga. */
export type Action =
  | { readonly kind: 'execute'; readonly step: string }
  | { readonly kind: 'compensate'; readonly step: string }
  | { readonly kind: 'park'; readonly steps: readonly string[] }
  | { readonly kind: 'finish'; readonly status: 'COMPLETED' | Ending }
  | { readonly kind: 'nothing' };

/** What happens next is a function of the record alone: no clock, no I/O. */
export function decide(record: SagaRecord): Action {
  switch (record.status) {
    case 'RUNNING':
      return advance(record.steps);
    case 'COMPENSATING':
      return unwind(record);
    case 'FAILED':
      return { kind: 'park', steps: debts(record.steps) };
    case 'COMPLETED':
    case 'COMPENSATED':
    case 'TIMEOUT':
    case 'CANCELLED':
    case 'ABANDONED':
      return { kind: 'nothing' };
    default:
      return record.status satisfies never;
  }
}

function advance(steps: readonly StepRecord[]): Action {
  const next = steps.find((step) => step.status === 'PENDING');
  return next ? { kind: 'execute', step: next.name } : { kind: 'finish', status: 'COMPLETED' };
}

/** Undoes, newest first, every step that may have had an effect. A saga with a debt is never finished. */
function unwind(record: SagaRecord): Action {
  const owed = debts(record.steps);
  if (owed.length > 0 && record.onCompensationFailure === 'stop') return { kind: 'park', steps: owed };
  const next = record.steps.findLast(isToUndo);
  if (next) return { kind: 'compensate', step: next.name };
  if (owed.length > 0) return { kind: 'park', steps: owed };
  return { kind: 'finish', status: record.ending ?? 'COMPENSATED' };
}

/** The steps still to be undone, newest first: the order in which their compensations run. */
export function toUndo(record: SagaRecord): readonly string[] {
  return record.steps
    .filter(isToUndo)
    .map((step) => step.name)
    .reverse();
}

/** The step may have had an effect, and there is a way to undo it that was not yet given up. */
export function isToUndo(step: StepRecord): boolean {
  return (step.status === 'DONE' || step.status === 'UNKNOWN') && step.undo !== 'nothing';
}

function debts(steps: readonly StepRecord[]): readonly string[] {
  return steps.filter((step) => step.status === 'COMPENSATION_FAILED').map((step) => step.name);
}

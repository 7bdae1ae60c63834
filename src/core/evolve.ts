import { decide } from './decide.ts';
import type { SagaRecord, StepRecord } from './record.ts';
import type { Ending, StepStatus } from './status.ts';

/** What can happen to a saga's record besides a step being recorded as done. */
export type SagaEvent =
  /** A step failed for good. `FAILED`: it did not act. `UNKNOWN`: it may have. */
  | { readonly kind: 'step-failed'; readonly step: string; readonly verdict: 'FAILED' | 'UNKNOWN' }
  /** The saga is to be undone although no step failed. `inDoubt`: the step to run next was begun without an answer. One
   *  that is being undone already can still be cancelled: it gets that ending. */
  | { readonly kind: 'turned-back'; readonly ending: Ending; readonly inDoubt: boolean }
  | { readonly kind: 'compensated'; readonly step: string }
  /** The compensation's attempts are used up, or only a person can undo the step. */
  | { readonly kind: 'compensation-failed'; readonly step: string }
  /** A person wants the failed compensation tried again. */
  | { readonly kind: 'compensation-retried'; readonly step: string }
  /** A person undid the step, and says so. */
  | { readonly kind: 'undone-by-hand'; readonly step: string }
  /** Nothing is left to undo, which only a process with the saga's code can see. */
  | { readonly kind: 'settled' };

/** Raised where an event does not fit the record: somebody else was first. Nothing is changed. */
export class StaleEventError extends Error {
  override readonly name = 'StaleEventError';
}

/** The record after the event. A saga that is being undone is parked or finished as soon as nothing is left to try. */
export function evolve(record: SagaRecord, event: SagaEvent): SagaRecord {
  return settle(apply(record, event));
}

function apply(record: SagaRecord, event: SagaEvent): SagaRecord {
  switch (event.kind) {
    case 'step-failed':
      expect(record, event, 'RUNNING');
      expectStep(record, event.step, ['PENDING']);
      return turnBack(withStep(record, event.step, event.verdict), 'COMPENSATED');
    case 'turned-back': {
      if (event.ending === 'CANCELLED' && isBeingUndone(record)) return { ...record, ending: 'CANCELLED' };
      expect(record, event, 'RUNNING');
      const next = record.steps.find((step) => step.status === 'PENDING');
      return turnBack(next && event.inDoubt ? withStep(record, next.name, 'UNKNOWN') : record, event.ending);
    }
    case 'compensated':
      expect(record, event, 'COMPENSATING');
      expectStep(record, event.step, ['DONE', 'UNKNOWN']);
      return withStep(record, event.step, 'COMPENSATED');
    case 'compensation-failed':
      expect(record, event, 'COMPENSATING');
      expectStep(record, event.step, ['DONE', 'UNKNOWN']);
      return withStep(record, event.step, 'COMPENSATION_FAILED');
    case 'compensation-retried': {
      expect(record, event, 'FAILED');
      const step = expectStep(record, event.step, ['COMPENSATION_FAILED']);
      return withStep({ ...record, status: 'COMPENSATING' }, event.step, step.wasDone ? 'DONE' : 'UNKNOWN');
    }
    case 'undone-by-hand':
      expect(record, event, 'FAILED');
      expectStep(record, event.step, ['COMPENSATION_FAILED']);
      return withStep({ ...record, status: 'COMPENSATING' }, event.step, 'COMPENSATED');
    case 'settled':
      expect(record, event, 'COMPENSATING');
      return record;
    default:
      return event satisfies never;
  }
}

/** And was not cancelled before. */
function isBeingUndone({ status, ending }: SagaRecord): boolean {
  return (status === 'COMPENSATING' || status === 'FAILED') && ending !== 'CANCELLED';
}

/** From now on the saga is undone. Steps it never began are skipped. */
function turnBack(record: SagaRecord, ending: Ending): SagaRecord {
  const steps = record.steps.map((step) =>
    step.status === 'PENDING' ? { ...step, status: 'SKIPPED' as const } : step,
  );
  return { ...record, status: 'COMPENSATING', ending, steps };
}

function settle(record: SagaRecord): SagaRecord {
  if (record.status !== 'COMPENSATING') return record;
  const action = decide(record);
  switch (action.kind) {
    case 'park':
      return { ...record, status: 'FAILED' };
    case 'finish':
      return { ...record, status: action.status, steps: record.steps.map(settleNothingToUndo) };
    case 'compensate':
    case 'execute':
    case 'nothing':
      return record;
    default:
      return action satisfies never;
  }
}

/** A step with nothing to undo counts as undone when its saga is. */
function settleNothingToUndo(step: StepRecord): StepRecord {
  const acted = step.status === 'DONE' || step.status === 'UNKNOWN';
  return acted && step.undo === 'nothing' ? { ...step, status: 'COMPENSATED' } : step;
}

function withStep(record: SagaRecord, name: string, status: StepStatus): SagaRecord {
  return { ...record, steps: record.steps.map((step) => (step.name === name ? { ...step, status } : step)) };
}

function expect(record: SagaRecord, event: SagaEvent, status: SagaRecord['status']): void {
  if (record.status !== status)
    throw new StaleEventError(`${event.kind}: saga ${record.sagaId} is ${record.status}, expected ${status}`);
}

function expectStep(record: SagaRecord, name: string, statuses: readonly StepStatus[]): StepRecord {
  const step = record.steps.find((candidate) => candidate.name === name);
  if (!step) throw new StaleEventError(`Saga ${record.sagaId} has no step ${name}`);
  if (!statuses.includes(step.status))
    throw new StaleEventError(
      `Step ${name} of saga ${record.sagaId} is ${step.status}, expected ${statuses.join(' or ')}`,
    );
  return step;
}

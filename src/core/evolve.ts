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
  /** A person found that the parked step in doubt did act: it is done, and the saga goes on from there. */
  | { readonly kind: 'done-by-hand'; readonly step: string }
  /** A person sends the parked saga on, from its first step that is not done. */
  | { readonly kind: 'sent-forward' }
  /** A person gives the parked saga up as it stands. */
  | { readonly kind: 'abandoned' }
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
    case 'done-by-hand':
      expect(record, event, 'FAILED');
      if (expectStep(record, event.step, ['COMPENSATION_FAILED']).wasDone)
        throw new StaleEventError(`Step ${event.step} of saga ${record.sagaId} is known to be done`);
      return goForward(withDone(record, event.step), event);
    case 'sent-forward':
      expect(record, event, 'FAILED');
      return goForward(record, event);
    case 'abandoned':
      expect(record, event, 'FAILED');
      return { ...record, status: 'ABANDONED' };
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

/**
 * Whether a parked saga can be sent forward. Not once anything of it was undone, or its undoing was tried: run again, a step
 * would find its effect under its key, and take for there what is taken back, or may be.
 */
export function canGoForward({ status, steps }: SagaRecord): boolean {
  return (
    status === 'FAILED' &&
    steps.every(
      (step) => step.status !== 'COMPENSATED' && (step.status !== 'COMPENSATION_FAILED' || step.undo === 'manual'),
    )
  );
}

/** What is done stays done, and everything else is still to be done. */
function goForward(record: SagaRecord, event: SagaEvent): SagaRecord {
  if (!canGoForward(record))
    throw new StaleEventError(`${event.kind}: of saga ${record.sagaId} something was undone, or its undoing was tried`);
  const steps = record.steps.map((step): StepRecord => {
    const isDone = step.status === 'DONE' || (step.status === 'COMPENSATION_FAILED' && step.wasDone);
    return { ...step, status: isDone ? 'DONE' : 'PENDING' };
  });
  const isComplete = steps.every((step) => step.status === 'DONE');
  return { ...record, status: isComplete ? 'COMPLETED' : 'RUNNING', ending: null, steps };
}

function withDone(record: SagaRecord, name: string): SagaRecord {
  return { ...record, steps: record.steps.map((step) => (step.name === name ? { ...step, wasDone: true } : step)) };
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

import type { SagaDefinition, StepDefinition } from '../../src/core/definition.ts';
import { decide } from '../../src/core/decide.ts';
import type { SagaEvent } from '../../src/core/evolve.ts';
import { StaleEventError, evolve } from '../../src/core/evolve.ts';
import type { SagaRecord, StepRecord } from '../../src/core/record.ts';
import type { Row, UndoJob } from './state.ts';
import { at, put } from './state.ts';

/** What a job speaks for. */
export interface Ref {
  readonly generation: number;
  readonly step: number;
}

export interface Failure extends Ref {
  readonly attempt: number;
  readonly checkIn: number;
}

export interface Grant {
  readonly kind: 'granted';
  readonly attempt: number;
  readonly checkIn: number;
  readonly unanswered: boolean;
  readonly lost: number;
}

/** What a compensation's job speaks for. `retriedTask`: the task for which it was retried, if that is the open one or not. */
export interface UndoRef extends Ref {
  readonly retriedTask: 'open' | 'other' | undefined;
}

export type CheckInAnswer = Grant | { readonly kind: 'done' | 'refused' | 'expired' };
export type UndoAnswer =
  | { readonly kind: 'granted'; readonly attempt: number; readonly checkIn: number; readonly lost: number }
  | { readonly kind: 'done' | 'refused' }
  | { readonly kind: 'parked'; readonly taskId: 'open' };

/** What a transition of the store answers, and the row after it. `WRONG_STATE` is what the store throws. */
export interface Answered<A> {
  readonly answer: A;
  readonly row: Row;
}

/** The conditions the protocol rests on, each of which a test breaks to see that it is needed. */
export interface Conditions {
  /** `FORWARD_FENCE` of store/fence.ts. */
  fence(row: Row, ref: Ref): boolean;
  /** How many check-ins the row has after another one. */
  checkInsAfter(row: Row): number;
  /** How many check-ins are cleared after a failed attempt: one that may have acted stays in doubt. */
  clearedAfterFailure(row: Row, cleared: boolean): number;
  /** Whether an earlier run of the step that has just checked in may have acted. */
  isUnanswered(row: Row): boolean;
  /** Whether the judge is told that an earlier run may have acted. */
  tellsJudge(error: Error): boolean;
  /** Whether the failed run is the newest of its step. */
  speaksFor(row: Row, failure: Failure): boolean;
  /** Whether the step to run next may have acted. */
  inDoubt(row: Row, next: StepDefinition | undefined): boolean;
  /** Whether a compensation job is of the flow that counts. */
  sameFlow(row: Row, ref: Ref): boolean;
  /** Whether a failed run of a compensation is the newest one. */
  isNewestUndo(row: Row, failure: Failure): boolean;
  /** Whether a compensation's job was retried by a person since it failed. */
  wasRetried(job: UndoJob): boolean;
  /** Whether the job of a parked compensation was retried for what parked it. */
  isRetry(ref: UndoRef): boolean;
  /** The number of a compensation's last check-in, once it is to be tried again. */
  checkInsAfterRetry(checkIns: number): number;
  /** How many check-ins a saga has that was sent forward, where the step to run next may have acted, and where not. */
  checkInsSentForward(inDoubt: boolean): number;
  /** Whether it is the step's turn to be undone. */
  isNext(record: SagaRecord, step: StepRecord): boolean;
}

/** A saga's steps, and the conditions under which they are run. */
export interface Protocol {
  readonly definition: SagaDefinition;
  readonly conditions: Conditions;
}

export const CONDITIONS: Conditions = {
  fence: ({ record, stepsDone }, ref) =>
    record.status === 'RUNNING' && record.generation === ref.generation && stepsDone === ref.step,
  checkInsAfter: ({ checkIns }) => checkIns + 1,
  clearedAfterFailure: (row, cleared) => row.cleared + (cleared ? 1 : 0),
  isUnanswered: ({ checkIns, cleared }) => checkIns > cleared + 1,
  tellsJudge: () => true,
  speaksFor: ({ record, stepsDone, checkIns }, failure) =>
    record.status === 'RUNNING' &&
    record.generation === failure.generation &&
    stepsDone === failure.step &&
    checkIns === failure.checkIn,
  inDoubt: ({ checkIns, cleared }, next) => checkIns > cleared && next?.kind !== 'transaction',
  sameFlow: ({ record }, ref) => record.generation === ref.generation,
  isNewestUndo: ({ undoCheckIns }, { step, checkIn }) => at(undoCheckIns, step) === checkIn,
  wasRetried: ({ attemptsMade, noted }) => noted !== undefined && attemptsMade > noted,
  isRetry: ({ retriedTask }) => retriedTask === 'open',
  checkInsAfterRetry: (checkIns) => checkIns,
  checkInsSentForward: (inDoubt) => (inDoubt ? 1 : 0),
  isNext: (record, step) => {
    const action = decide(record);
    return action.kind === 'compensate' && action.step === step.name;
  },
};

/** `Journal.checkIn`. */
export function checkIn(conditions: Conditions, row: Row, ref: Ref): Answered<CheckInAnswer> {
  if (conditions.fence(row, ref)) {
    if (row.overdue) return { answer: { kind: 'expired' }, row };
    const checkIns = conditions.checkInsAfter(row);
    const after = { ...row, checkIns };
    return { answer: grantOf(conditions, after), row: after };
  }
  return { answer: { kind: isPast(row, ref) ? 'done' : 'refused' }, row };
}

function grantOf(conditions: Conditions, row: Row): Grant {
  const { checkIns, cleared, retryCount } = row;
  const unanswered = conditions.isUnanswered(row);
  const lost = Math.max(checkIns - 1 - Math.max(retryCount, cleared), 0);
  return { kind: 'granted', attempt: retryCount + 1, checkIn: checkIns, unanswered, lost };
}

/** `Journal.record` and `recordIn`. */
export function record(conditions: Conditions, row: Row, ref: Ref): Answered<'recorded' | 'done' | 'refused'> {
  if (!conditions.fence(row, ref)) return { answer: isPast(row, ref) ? 'done' : 'refused', row };
  const before = row.record;
  const done = { ...at(before.steps, ref.step), status: 'DONE', wasDone: true } as const;
  const steps = put<StepRecord>(before.steps, ref.step, done);
  const status = ref.step + 1 === steps.length ? 'COMPLETED' : before.status;
  const after = { ...row, stepsDone: ref.step + 1, checkIns: 0, cleared: 0, retryCount: 0 };
  return { answer: 'recorded', row: { ...after, record: { ...before, steps, status } } };
}

/** `Journal.withdraw`: the run found another in its transaction, and did not begin. */
export function withdraw(conditions: Conditions, row: Row, ref: Ref): Row {
  const { checkIns, cleared } = row;
  return conditions.fence(row, ref) && checkIns > cleared ? { ...row, cleared: cleared + 1 } : row;
}

function isPast({ record, stepsDone }: Row, ref: Ref): boolean {
  return stepsDone > ref.step && (record.status === 'RUNNING' || record.status === 'COMPLETED');
}

/** `Verdicts.attemptFailed`. `cleared`: the attempt certainly did nothing. */
export function attemptFailed(conditions: Conditions, row: Row, failure: Failure, cleared: boolean): Answered<boolean> {
  if (!conditions.speaksFor(row, failure)) return { answer: false, row };
  const after = conditions.clearedAfterFailure(row, cleared);
  return { answer: true, row: { ...row, cleared: after, retryCount: failure.attempt } };
}

/** `Verdicts.stepFailed`. */
export function stepFailed(
  conditions: Conditions,
  row: Row,
  failure: Failure,
  verdict: 'FAILED' | 'UNKNOWN',
): Answered<boolean> {
  if (!conditions.speaksFor(row, failure)) return { answer: false, row };
  const { name } = at(row.record.steps, failure.step);
  const after = apply(row, { kind: 'step-failed', step: name, verdict });
  return { answer: true, row: { ...after, retryCount: failure.attempt } };
}

/** `Verdicts.turnBack`, and `recall`, which comes from outside the flow and takes its generation. */
export function turnBack(
  { definition, conditions }: Protocol,
  row: Row,
  generation: number,
  from: 'within' | 'outside',
): Answered<boolean> {
  if (row.record.status !== 'RUNNING' || row.record.generation !== generation) return { answer: false, row };
  const inDoubt = conditions.inDoubt(row, definition.steps[row.stepsDone]);
  const turned = apply(row, { kind: 'turned-back', ending: 'TIMEOUT', inDoubt });
  return { answer: true, row: from === 'outside' ? nextGeneration(turned, generation).row : turned };
}

/** `Verdicts.cancel`. */
export function cancel({ definition, conditions }: Protocol, row: Row): Answered<'cancelled' | 'WRONG_STATE'> {
  const inDoubt = conditions.inDoubt(row, definition.steps[row.stepsDone]);
  const turned = applied(row, { kind: 'turned-back', ending: 'CANCELLED', inDoubt });
  if (!turned) return { answer: 'WRONG_STATE', row };
  const { status, generation } = row.record;
  return { answer: 'cancelled', row: status === 'RUNNING' ? nextGeneration(turned, generation).row : turned };
}

/** `SagaStore.nextGeneration`. */
export function nextGeneration(row: Row, generation: number): Answered<number | undefined> {
  const { record } = row;
  const live = record.status === 'RUNNING' || record.status === 'COMPENSATING';
  if (!live || record.generation !== generation) return { answer: undefined, row };
  return { answer: generation + 1, row: { ...row, record: { ...record, generation: generation + 1 } } };
}

export function apply(row: Row, event: SagaEvent): Row {
  return { ...row, record: evolve(row.record, event) };
}

/** The row after the event, or undefined where the event does not fit. */
export function applied(row: Row, event: SagaEvent): Row | undefined {
  try {
    return apply(row, event);
  } catch (error) {
    if (error instanceof StaleEventError) return undefined;
    throw error;
  }
}

import type { SagaEvent } from '../../src/core/evolve.ts';
import type { Row } from './state.ts';
import { at, put } from './state.ts';
import type { Answered, Conditions, Failure, Ref, UndoAnswer, UndoRef } from './store.ts';
import { applied, apply, nextGeneration } from './store.ts';

/** `Compensations.checkIn`: a job of a parked compensation that was retried in the queue resumes its saga. */
export function checkInUndo(conditions: Conditions, row: Row, ref: UndoRef): Answered<UndoAnswer> {
  const parked = isParked(conditions, row, ref);
  if (parked && !conditions.isRetry(ref)) return { answer: { kind: 'parked', taskId: 'open' }, row };
  const { answer, row: resumed } = parked ? resume(conditions, row, ref.step, 'retry') : { answer: 'nothing', row };
  if (answer === 'WRONG_STATE') throw new Error('A parked compensation was not resumed');
  const leave = askLeave(conditions, resumed, ref);
  if (leave.kind !== 'granted') return { answer: leave, row: resumed };
  const checkIn = leave.checkIn + 1;
  const undoCheckIns = put(resumed.undoCheckIns, ref.step, checkIn);
  return { answer: { ...leave, checkIn }, row: { ...resumed, undoCheckIns } };
}

/** `Compensations.withdraw`: the run found another in its transaction, and did not begin. */
export function withdrawUndo(row: Row, step: number): Row {
  return at(row.undoCheckIns, step) > at(row.undoAnswers, step) ? answered(row, step) : row;
}

function answered(row: Row, step: number): Row {
  return { ...row, undoAnswers: put(row.undoAnswers, step, at(row.undoAnswers, step) + 1) };
}

function askLeave(conditions: Conditions, row: Row, ref: Ref): UndoAnswer {
  if (!conditions.sameFlow(row, ref)) return { kind: 'refused' };
  const step = at(row.record.steps, ref.step);
  if (step.status === 'COMPENSATED') return { kind: 'done' };
  if (!conditions.isNext(row.record, step)) return { kind: 'refused' };
  const checkIn = at(row.undoCheckIns, ref.step);
  const lost = checkIn - at(row.undoAnswers, ref.step);
  return { kind: 'granted', attempt: at(row.undoAttempts, ref.step) + 1, checkIn, lost };
}

function isParked(conditions: Conditions, row: Row, ref: Ref): boolean {
  const { status, undo } = at(row.record.steps, ref.step);
  const given = status === 'COMPENSATION_FAILED' && undo === 'auto';
  return row.record.status === 'FAILED' && conditions.sameFlow(row, ref) && given;
}

/** `Compensations.record` and `recordWith`: without leave, it changes nothing. */
export function recordUndo(conditions: Conditions, row: Row, ref: Ref): Row {
  if (askLeave(conditions, row, ref).kind !== 'granted') return row;
  return applied(row, { kind: 'compensated', step: at(row.record.steps, ref.step).name }) ?? row;
}

/** `Compensations.attemptFailed`. */
export function undoAttemptFailed(conditions: Conditions, row: Row, failure: Failure): Row {
  if (!speaksForUndo(conditions, row, failure)) return row;
  return noteAttempt(row, failure);
}

/** `Compensations.giveUp`: opens a task, and parks the saga. */
export function giveUp(conditions: Conditions, row: Row, failure: Failure): Row {
  if (!speaksForUndo(conditions, row, failure)) return row;
  const { step } = failure;
  const after = apply(row, { kind: 'compensation-failed', step: at(row.record.steps, step).name });
  return {
    ...noteAttempt(after, failure),
    openTasks: put(row.openTasks, step, at(row.openTasks, step) + 1),
  };
}

function noteAttempt(row: Row, { step, attempt }: Failure): Row {
  return { ...answered(row, step), undoAttempts: put(row.undoAttempts, step, attempt) };
}

function speaksForUndo(conditions: Conditions, row: Row, failure: Failure): boolean {
  return conditions.isNewestUndo(row, failure) && askLeave(conditions, row, failure).kind === 'granted';
}

/** `Compensations.resume`. */
export function resume(
  conditions: Conditions,
  row: Row,
  step: number,
  resolution: 'retry' | 'undone',
): Answered<'resumed' | 'WRONG_STATE'> {
  const { name } = at(row.record.steps, step);
  const kind = resolution === 'undone' ? 'undone-by-hand' : 'compensation-retried';
  const after = applied(row, { kind, step: name });
  if (!after) return { answer: 'WRONG_STATE', row };
  const checkIns = conditions.checkInsAfterRetry(at(row.undoCheckIns, step));
  const counters = {
    undoAttempts: put(row.undoAttempts, step, 0),
    undoCheckIns: put(row.undoCheckIns, step, checkIns),
    undoAnswers: put(row.undoAnswers, step, checkIns),
    openTasks: put(row.openTasks, step, 0),
  };
  return { answer: 'resumed', row: { ...after, ...counters } };
}

/** `sendForward` of store/reopen.ts; with `done`, by the word of a person that the step acted. */
export function goForward(conditions: Conditions, row: Row, done?: number): Answered<'sent forward' | 'WRONG_STATE'> {
  const before = row.record.steps;
  const event: SagaEvent =
    done === undefined ? { kind: 'sent-forward' } : { kind: 'done-by-hand', step: at(before, done).name };
  const after = applied(row, event);
  if (!after) return { answer: 'WRONG_STATE', row };
  const next = after.record.steps.findIndex(({ status }) => status === 'PENDING');
  const stepsDone = next === -1 ? before.length : next;
  const status = before[next]?.status;
  const kept = (counts: readonly number[]) => counts.map((count, step) => (step < stepsDone ? count : 0));
  const counters = {
    stepsDone,
    checkIns: conditions.checkInsSentForward(status === 'UNKNOWN' || status === 'COMPENSATION_FAILED'),
    cleared: 0,
    retryCount: 0,
    overdue: false,
    undoAttempts: row.undoAttempts.map(() => 0),
    undoCheckIns: kept(row.undoCheckIns),
    undoAnswers: kept(row.undoCheckIns),
    openTasks: row.openTasks.map(() => 0),
  };
  const sent = { ...after, ...counters };
  return { answer: 'sent forward', row: nextGeneration(sent, sent.record.generation).row };
}

/** `abandonSaga` of store/reopen.ts. */
export function abandon(row: Row): Answered<'abandoned' | 'WRONG_STATE'> {
  const after = applied(row, { kind: 'abandoned' });
  if (!after) return { answer: 'WRONG_STATE', row };
  return { answer: 'abandoned', row: { ...after, openTasks: row.openTasks.map(() => 0) } };
}

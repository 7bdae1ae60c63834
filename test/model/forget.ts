import { isTerminal } from '../../src/core/status.ts';
import type { Model } from './model.ts';
import type { Row, Run, State } from './state.ts';
import { FRESH, NO_CLAIM, at, keyOfRow, stepAt } from './state.ts';

/**
 * The state without what can make no difference any more: the runs to which the row is closed by the protocol's conditions
 * and the world by their key, which need not be told from dead ones, and the counters of what is over.
 */
export function forget(model: Model, state: State): State {
  const runs = state.runs
    .filter((run) => !isClosed(state, run) || mayStillAct(model, state, run))
    .map((run) => plain(state, run));
  return withoutOld(model, { ...state, runs });
}

/** What there is besides the runs: no two of one text differ in what may come of them. */
export function outcomeOf(model: Model, state: State): string {
  return keyOfRow(withoutOld(model, state));
}

function withoutOld(model: Model, state: State): State {
  const { row } = state;
  const jobs = state.jobs.map((job, step) => (isTerminal(row.record.status) || isUndone(row, step) ? FRESH : job));
  const kept = { ...state, jobs, row: withoutOldCounts(row) };
  return model.notesWithLock ? withoutOldAttempts(kept) : kept;
}

/** Where only the lock's holder writes to a job, no more counts than whether it has more attempts than were noted. */
function withoutOldAttempts(state: State): State {
  const jobs = state.jobs.map((job) => {
    if (job === FRESH) return job;
    const attemptsMade = job.noted !== undefined && job.attemptsMade > job.noted ? 1 : 0;
    const noted = job.noted === undefined ? undefined : 0;
    return noted === undefined && !job.failed && !job.asked ? FRESH : { ...job, attemptsMade, noted };
  });
  const runs = state.runs.map((run) => {
    if (run.claim === NO_CLAIM) return run;
    const { holdsLock, ofOpenTask } = run.claim;
    if (!holdsLock && !ofOpenTask) return { ...run, claim: NO_CLAIM };
    const attemptsMade = holdsLock ? at(jobs, run.step).attemptsMade : 0;
    return run.claim.attemptsMade === attemptsMade ? run : { ...run, claim: { ...run.claim, attemptsMade } };
  });
  return { ...state, jobs, runs: runs.filter(({ phase, claim }) => phase !== 'noting' || claim.holdsLock) };
}

function isUndone({ record }: Row, step: number): boolean {
  return at(record.steps, step).status === 'COMPENSATED';
}

function withoutOldCounts(row: Row): Row {
  if (row.record.status === 'RUNNING') return row;
  const current = (counts: readonly number[]) => counts.map((count, step) => (isUndone(row, step) ? 0 : count));
  return {
    ...row,
    checkIns: 0,
    cleared: 0,
    retryCount: 0,
    overdue: false,
    undoAttempts: current(row.undoAttempts),
    undoCheckIns: current(row.undoCheckIns),
    undoAnswers: current(row.undoAnswers),
  };
}

/** Nothing the run writes is taken: its saga turned back, or has another flow. Neither ever changes back. */
function isClosed({ row }: State, run: Run): boolean {
  const { status, generation } = row.record;
  if (isAtItsJob(run) && isUndone(row, run.step)) return true;
  return generation !== run.generation || (run.job === 'step' ? status !== 'RUNNING' : isTerminal(status));
}

function mayStillAct(model: Model, { row, world }: State, run: Run): boolean {
  if (isAtItsJob(run)) return false;
  if (stepAt(model.definition, run.step).kind !== 'step') return mayWithdraw(row, run);
  const effect = at(world.effects, run.step);
  return effect === 'none' || (effect === 'done' && run.job === 'compensation' && run.phase === 'granted');
}

function isAtItsJob({ phase }: Run): boolean {
  return phase === 'fetched' || phase === 'noting';
}

/** The check-in of a transactional compensation is taken back whatever became of its flow. */
function mayWithdraw(row: Row, { job, step, phase }: Run): boolean {
  if (job !== 'compensation' || phase !== 'granted' || isTerminal(row.record.status)) return false;
  return !isUndone(row, step);
}

/** A run that may still act, but not write, is known by what it may do, not by its check-in. */
function plain(state: State, run: Run): Run {
  return run.checkIn !== 0 && isClosed(state, run) ? { ...run, checkIn: 0, resolutionsLeft: 0, claim: NO_CLAIM } : run;
}

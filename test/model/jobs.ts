import type { Model, Transition } from './model.ts';
import { titleOf, without } from './model.ts';
import type { Claim, Run, State, UndoJob } from './state.ts';
import { FRESH, NO_CLAIM, at, put } from './state.ts';
import type { Ref } from './store.ts';

/** The state with the job in the hands of a new run: whoever had it before has lost its lock. */
export function claimed({ conditions }: Model, state: State, ref: Ref): { claim: Claim; state: State } {
  // The jobs of a flow that was replaced are not kept: their runs get leave for nothing.
  if (!isCurrent(state, ref)) return { claim: NO_CLAIM, state };
  const job = at(state.jobs, ref.step);
  const claim = { attemptsMade: job.attemptsMade, holdsLock: true, ofOpenTask: conditions.wasRetried(job) };
  return { claim, state: { ...state, runs: state.runs.map((run) => (isOf(run, ref) ? withoutLock(run) : run)) } };
}

/** The saga is parked: the job notes for which task, and is failed by the run that has its lock; or its process dies. */
export function noteAndFail(model: Model, state: State, run: Run): readonly Transition[] {
  const title = titleOf(model, run);
  const { attemptsMade, holdsLock, ofOpenTask } = run.claim;
  if (model.notesWithLock && !holdsLock) return [{ label: `${title} has lost its lock`, next: without(state, run) }];
  const noted = withJob(state, run, { noted: ofOpenTask ? attemptsMade : undefined });
  const stopped = { label: `${title} notes the task, and dies`, next: without(noted, run) };
  if (!holdsLock) return [stopped];
  const failed = withJob(noted, run, { failed: true, attemptsMade: attemptsMade + 1 });
  return [{ label: `${title} notes the task, fails its job`, next: without(failed, run) }, stopped];
}

/** BullMQ tries the job again after an error, and counts that. */
export function triedAgain(state: State, run: Run): State {
  return withJob(state, run, { attemptsMade: run.claim.attemptsMade + 1 });
}

/** A person has a failed job tried again. */
export function retried(state: State, step: number): State {
  const job = { ...at(state.jobs, step), failed: false, asked: true };
  return { ...state, jobs: put(state.jobs, step, job), resolutionsLeft: state.resolutionsLeft - 1 };
}

/** A new flow has new jobs; a task that was closed is nobody's any more. */
export function settled(before: State, next: State): State {
  if (before.row === next.row) return next;
  if (before.row.record.generation !== next.row.record.generation)
    return { ...next, jobs: next.jobs.map(() => FRESH), runs: next.runs.map(withoutLock) };
  const closed = before.row.openTasks.findIndex((open, step) => open > 0 && next.row.openTasks[step] === 0);
  if (closed === -1) return next;
  const job = { ...at(next.jobs, closed), noted: undefined, asked: false };
  const runs = next.runs.map((run) => (run.step === closed ? withoutTask(run) : run));
  return { ...next, runs, jobs: put(next.jobs, closed, job) };
}

function withJob(state: State, run: Run, change: Partial<UndoJob>): State {
  if (!isCurrent(state, run)) return state;
  return { ...state, jobs: put(state.jobs, run.step, { ...at(state.jobs, run.step), ...change }) };
}

function isCurrent({ row }: State, { generation }: Ref): boolean {
  return row.record.generation === generation;
}

function isOf(run: Run, ref: Ref): boolean {
  return run.job === 'compensation' && run.step === ref.step && run.generation === ref.generation;
}

function withoutLock(run: Run): Run {
  return run.claim.holdsLock ? { ...run, claim: { ...run.claim, holdsLock: false } } : run;
}

function withoutTask(run: Run): Run {
  return run.claim.ofOpenTask ? { ...run, claim: { ...run.claim, ofOpenTask: false } } : run;
}

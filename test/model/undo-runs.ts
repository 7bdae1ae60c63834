import { claimed, noteAndFail, triedAgain } from './jobs.ts';
import type { Model, Transition } from './model.ts';
import { changed, hasRoom, moved, nameOf, titleOf, withRun, without } from './model.ts';
import type { Row, Run, State } from './state.ts';
import { at, stepAt } from './state.ts';
import { checkInUndo, giveUp, recordUndo, undoAttemptFailed, withdrawUndo } from './undo-store.ts';
import { undo, voidUnused } from './world.ts';

/** The queue delivers a compensation's job: any one of any generation, in any order, as often as it likes. */
export function deliverUndo(model: Model, state: State, generation: number, step: number): readonly Transition[] {
  const { row: before } = state;
  if (!hasRoom(model, state) || at(before.record.steps, step).undo === 'nothing') return [];
  const isCurrent = generation === before.record.generation;
  if (isCurrent && at(state.jobs, step).failed) return [];
  const { claim, state: taken } = claimed(model, state, { generation, step });
  const { resolutionsLeft } = state;
  const run = { ...UNDO, generation, step, phase: 'fetched', resolutionsLeft, claim } as const;
  const fetched = withRun(taken, run);
  const label = `deliver undo ${nameOf(model, step)} g${generation}`;
  const moves = checkIn(model, fetched, run, label);
  // A flow does not queue the job before it is the step's turn: one that gets no leave now is not waited for.
  return moves.length > 0 && isCurrent ? [...moves, { label: `${label}: held up`, next: fetched }] : moves;
}

function checkIn(model: Model, state: State, run: Run, label: string): readonly Transition[] {
  const { generation, step } = run;
  const parked = at(state.row.openTasks, step) > 0;
  if (!parked && at(state.row.undoCheckIns, step) >= mostCheckIns(model, state)) return [];
  const retriedTask = run.claim.ofOpenTask ? 'open' : undefined;
  const { answer, row } = checkInUndo(model.conditions, state.row, { generation, step, retriedTask });
  if (answer.kind === 'parked') {
    const claim = { ...run.claim, ofOpenTask: true };
    return [{ label: `${label}: parked`, next: { ...state, ...changed(state, run, { phase: 'noting', claim }) } }];
  }
  if (answer.kind !== 'granted') return [];
  const { attempt, checkIn, lost } = answer;
  const phase = lost >= model.bounds.undoPoisonAfter ? 'poison' : 'granted';
  const { resolutionsLeft } = state;
  const begun = changed(state, run, { attempt, checkIn, phase, resolutionsLeft });
  return [{ label: `${label}: granted #${checkIn}`, next: { ...state, row, ...begun }, undoes: step }];
}

/** One more for each time that a person wanted something. */
function mostCheckIns({ bounds }: Model, { resolutionsLeft }: State): number {
  return bounds.undoCheckIns + bounds.resolutions - resolutionsLeft;
}

const UNDO = { job: 'compensation', unanswered: false, attempt: 0, checkIn: 0 } as const;

/** What a compensation's run may do next. */
export function continueUndo(model: Model, state: State, run: Run): readonly Transition[] {
  const title = titleOf(model, run);
  switch (run.phase) {
    case 'fetched':
      return checkIn(model, state, run, `undo ${nameOf(model, run.step)} g${run.generation} goes on`);
    case 'noting':
      return noteAndFail(model, state, run);
    case 'granted':
      return begin(model, state, run);
    case 'acted': {
      const row = recordUndo(model.conditions, state.row, run);
      return [{ label: `${title} records${refusal(state, row)}`, next: without(state, run, { row }) }];
    }
    case 'error':
    case 'terminal':
    case 'poison':
      return fail(model, state, run);
    case 'manual':
      return [givesUp(model, state, run, 'asks a person')];
    case 'late':
    case 'no-answer':
    case 'unrecordable':
    case 'not-done':
    case 'unverified':
    case 'expired':
      return [];
    default:
      return run.phase satisfies never;
  }
}

function begin(model: Model, state: State, run: Run): readonly Transition[] {
  const title = titleOf(model, run);
  const step = stepAt(model.definition, run.step);
  if (typeof step.compensate !== 'function') return askWhetherDone(model, state, run);
  const failed = { label: `${title} throws`, next: moved(state, run, 'error') };
  const terminal = { label: `${title} throws a TerminalError`, next: moved(state, run, 'terminal') };
  if (step.kind !== 'step') return [...commit(model, state, run), failed, terminal];
  const world = undo(state.world, run.step);
  return [
    { label: `${title} undoes`, next: moved(state, run, 'acted', world) },
    { label: `${title} undoes and throws`, next: moved(state, run, 'error', world) },
    failed,
    terminal,
  ];
}

/** The undo of a transactional step: its writes and its record, or neither. */
function commit(model: Model, state: State, run: Run): readonly Transition[] {
  const title = titleOf(model, run);
  const row = recordUndo(model.conditions, state.row, run);
  const world = row === state.row ? state.world : undo(state.world, run.step);
  const committed = { label: `${title} commits${refusal(state, row)}`, next: without(state, run, { row, world }) };
  const withdrawn = { row: withdrawUndo(state.row, run.step) };
  return [committed, { label: `${title} finds another at it, withdraws`, next: without(state, run, withdrawn) }];
}

/** Before a person is asked, the provider is, unless the step is known to be done. */
function askWhetherDone(model: Model, state: State, run: Run): readonly Transition[] {
  const step = stepAt(model.definition, run.step);
  const title = titleOf(model, run);
  const unknown = { label: `${title} cannot be told undone`, next: moved(state, run, 'manual') };
  const asks = step.kind === 'step' && step.verify !== undefined && !at(state.row.record.steps, run.step).wasDone;
  const world = voidUnused(state.world, run.step);
  if (!asks || at(world.effects, run.step) === 'done') return [unknown];
  return [unknown, { label: `${title} verifies: not done`, next: moved(state, run, 'acted', world) }];
}

function fail(model: Model, state: State, run: Run): readonly Transition[] {
  const title = titleOf(model, run);
  const { conditions, definition } = model;
  if (run.phase !== 'error' || run.attempt >= stepAt(definition, run.step).attempts)
    return [givesUp(model, state, run, 'gives up')];
  const row = undoAttemptFailed(conditions, state.row, run);
  const label = `${title} notes the failed attempt${refusal(state, row)}`;
  const noted = { label, next: without(state, run, { row }) };
  if (row === state.row || !run.claim.holdsLock) return [noted];
  return [
    { label, next: triedAgain(noted.next, run) },
    { label: `${label}, and dies`, next: noted.next },
  ];
}

function givesUp(model: Model, state: State, run: Run, what: string): Transition {
  const row = giveUp(model.conditions, state.row, run);
  const label = `${titleOf(model, run)} ${what}${refusal(state, row)}`;
  if (row === state.row) return { label, next: without(state, run) };
  const next = noting(state, run, row);
  // One that finds another in its transaction did not begin: only outside can two be at it.
  return stepAt(model.definition, run.step).kind === 'step' ? { label, next, parks: run } : { label, next };
}

/** A job that is retried in the queue reopens no compensation that only a person can do: what it notes means nothing. */
function noting(state: State, run: Run, row: Row): State {
  if (at(row.record.steps, run.step).undo !== 'auto') return without(state, run, { row });
  const claim = { ...run.claim, ofOpenTask: true };
  return { ...state, row, ...changed(state, run, { phase: 'noting', claim }) };
}

function refusal(state: State, row: Row): string {
  return row === state.row ? ': refused' : '';
}

import type { Row, Run, State, World } from './state.ts';
import { at } from './state.ts';
import type { Protocol } from './store.ts';

/** What ends the search. */
export interface Bounds {
  readonly generations: number;
  /** Runs that exist at the same time, frozen ones among them. */
  readonly runs: number;
  /** Check-ins of one step, and of one compensation: one more for what operators resolve. */
  readonly checkIns: number;
  readonly undoCheckIns: number;
  /** Runs without an answer after which a step is not run again, or its compensation: ten in the engine. */
  readonly poisonAfter: number;
  readonly undoPoisonAfter: number;
  /** What operators resolve. */
  readonly resolutions: number;
}

export interface Model extends Protocol {
  readonly bounds: Bounds;
  /** Whether a run that has lost its job's lock does not note in it for which task it fails. BullMQ does not ask for the
   *  lock there: the model assumes it. */
  readonly notesWithLock: boolean;
  /** Whether runs that can change nothing are left out of the states: only the whole protocol's conditions allow it. */
  readonly forgets: boolean;
}

/** One thing that happens, between two awaits of somebody. */
export interface Transition {
  readonly label: string;
  readonly next: State;
  /** The flow in whose name it happens; none where it comes from outside. */
  readonly generation?: number;
  /** The step that gets leave to act, or the one that gets leave to be undone. */
  readonly begins?: number;
  readonly undoes?: number;
  /** The run that gave its compensation up. */
  readonly parks?: Run;
}

export function nameOf(model: Model, step: number): string {
  return at(model.definition.steps, step).name;
}

export function titleOf(model: Model, run: Run): string {
  const job = run.job === 'step' ? nameOf(model, run.step) : `undo ${nameOf(model, run.step)}`;
  return `${job} g${run.generation} #${run.checkIn}`;
}

/** The state with the run gone, or somewhere else. */
export function without(state: State, run: Run, change: Partial<Pick<State, 'row' | 'world'>> = {}): State {
  return { ...state, ...change, runs: state.runs.filter((other) => other !== run) };
}

export function moved(state: State, run: Run, phase: Run['phase'], world: World = state.world): State {
  return { ...state, world, ...changed(state, run, { phase }) };
}

export function changed(state: State, run: Run, change: Partial<Run>): Pick<State, 'runs'> {
  return { runs: state.runs.map((other) => (other === run ? { ...run, ...change } : other)) };
}

export function hasRoom({ bounds }: Model, { runs }: State): boolean {
  return runs.length < bounds.runs;
}

export function withRun(state: State, run: Run, row: Row = state.row): State {
  return { ...state, row, runs: [...state.runs, run] };
}

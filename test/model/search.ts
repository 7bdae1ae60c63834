import { forget, outcomeOf } from './forget.ts';
import { stuckFrom } from './healthy.ts';
import { brokenBy, brokenByMove } from './invariants.ts';
import type { Model, Transition } from './model.ts';
import type { State } from './state.ts';
import { at, initialState, keyOf } from './state.ts';
import { transitionsOf } from './transitions.ts';

export interface Counterexample {
  readonly broken: string;
  /** From the beginning, one line a transition. */
  readonly path: readonly string[];
}

export interface SearchResult {
  readonly states: number;
  /** The rows and worlds among the states, without their runs. */
  readonly outcomes: ReadonlySet<string>;
  readonly counterexample: Counterexample | undefined;
}

interface Visited {
  readonly state: State;
  readonly id: number;
}

/** Every state that was reached: from which one, and by which of its transitions. */
interface Book {
  readonly keys: Set<string>;
  readonly parents: number[];
  readonly moves: number[];
  readonly outcomes: Set<string>;
}

/** Visits every state breadth first, so that the first violation found is one of the shortest. */
export function search(model: Model): SearchResult {
  const state = startOf(model);
  const book: Book = { keys: new Set([keyOf(state)]), parents: [-1], moves: [-1], outcomes: new Set() };
  let frontier: readonly Visited[] = [{ state, id: 0 }];
  let counterexample: Counterexample | undefined;
  while (frontier.length > 0 && !counterexample) {
    const next: Visited[] = [];
    for (const visited of frontier) counterexample ??= visit(model, book, visited, next);
    frontier = next;
  }
  return { states: book.keys.size, outcomes: book.outcomes, counterexample };
}

/** Adds the new states after this one to `next`. */
function visit(model: Model, book: Book, { state, id }: Visited, next: Visited[]): Counterexample | undefined {
  for (const [index, move] of movesOf(model, state).entries()) {
    const isNew = enter(book, keyOf(move.next), { parent: id, move: index });
    const broken = brokenByMove(state, move) ?? (isNew ? brokenNow(model, book, move.next) : undefined);
    if (broken !== undefined) return { broken, path: [...pathTo(model, book, id), lineOf(move)] };
    if (isNew) next.push({ state: move.next, id: book.parents.length - 1 });
  }
  return undefined;
}

function enter({ keys, parents, moves }: Book, key: string, from: { parent: number; move: number }): boolean {
  if (keys.has(key)) return false;
  keys.add(key);
  parents.push(from.parent);
  moves.push(from.move);
  return true;
}

/** What becomes of a state without its runs depends on its row and world alone. */
function brokenNow(model: Model, { outcomes }: Book, state: State): string | undefined {
  const outcome = outcomeOf(model, state);
  if (outcomes.has(outcome)) return undefined;
  outcomes.add(outcome);
  return brokenBy(state) ?? stuckFrom(model, state);
}

function startOf({ definition, bounds }: Model): State {
  return initialState(definition, bounds.resolutions);
}

function movesOf(model: Model, state: State): readonly Transition[] {
  const moves = transitionsOf(model, state);
  return model.forgets ? moves.map((move) => ({ ...move, next: forget(model, move.next) })) : moves;
}

function pathTo(model: Model, { parents, moves }: Book, id: number): string[] {
  const indexes: number[] = [];
  for (let reached = id; reached > 0; reached = at(parents, reached)) indexes.unshift(at(moves, reached));
  let state = startOf(model);
  return indexes.map((index) => {
    const move = at(movesOf(model, state), index);
    state = move.next;
    return lineOf(move);
  });
}

/** The transition, and what the saga is after it. */
function lineOf({ label, next }: Transition): string {
  const { record, checkIns, cleared, retryCount } = next.row;
  const steps = record.steps.map((step, index) => `${step.name} ${step.status}/${next.world.effects[index]}`);
  const counts = `check-ins ${checkIns}, cleared ${cleared}, failed ${retryCount}`;
  return `${label}  ->  ${record.status} g${record.generation} (${counts}) ${steps.join(', ')}`;
}

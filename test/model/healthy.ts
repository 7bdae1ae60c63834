import { decide } from '../../src/core/decide.ts';
import { settled } from './jobs.ts';
import type { Model, Transition } from './model.ts';
import type { Run, State } from './state.ts';
import { continueStep, deliverStep } from './step-runs.ts';
import { nextGeneration } from './store.ts';
import { continueUndo, deliverUndo } from './undo-runs.ts';

/** More jobs than a saga of three steps needs from anywhere to its end. */
const JOBS = 20;

/**
 * Lets the reconciler and one worker alone go on from here, with every other process dead and every provider well. Undefined
 * if the saga ends or is parked; else what it is stuck at.
 */
export function stuckFrom(model: Model, start: State): string | undefined {
  const checkIns = Number.POSITIVE_INFINITY;
  const roomy = { ...model, bounds: { ...model.bounds, checkIns, undoCheckIns: checkIns } };
  let state: State = { ...start, runs: [] };
  for (let jobs = 0; jobs < JOBS; jobs += 1) {
    const action = decide(state.row.record);
    if (action.kind !== 'execute' && action.kind !== 'compensate') return undefined;
    const { row } = nextGeneration(state.row, state.row.record.generation);
    state = runJob(roomy, settled(state, { ...state, row }), action.step, action.kind);
  }
  return `stuck: after ${JOBS} more jobs the saga is ${state.row.record.status}`;
}

function runJob(model: Model, start: State, name: string, kind: 'execute' | 'compensate'): State {
  const step = model.definition.steps.findIndex((candidate) => candidate.name === name);
  const { generation } = start.row.record;
  const deliver = kind === 'execute' ? deliverStep : deliverUndo;
  let state = deliver(model, start, generation, step)[0]?.next ?? start;
  for (let run = state.runs[0]; run; run = state.runs[0]) state = goOn(model, state, run).next;
  return state;
}

function goOn(model: Model, state: State, run: Run): Transition {
  const moves = run.job === 'step' ? continueStep(model, state, run) : continueUndo(model, state, run);
  const well =
    moves.find(({ label }) => !/throws|no-answer|no answer|expired|unrecordable|rolls back|withdraws/.test(label)) ??
    moves[0];
  if (!well) throw new Error(`A run cannot go on from ${run.phase}`);
  return well;
}

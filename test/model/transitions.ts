import { retried, settled } from './jobs.ts';
import type { Model, Transition } from './model.ts';
import { nameOf, titleOf, without } from './model.ts';
import type { State } from './state.ts';
import { at } from './state.ts';
import { continueStep, deliverStep } from './step-runs.ts';
import { cancel, nextGeneration, turnBack } from './store.ts';
import { continueUndo, deliverUndo } from './undo-runs.ts';
import { abandon, goForward, resume } from './undo-store.ts';
import { undo } from './world.ts';

/** Everything that may happen next. */
export function transitionsOf(model: Model, state: State): readonly Transition[] {
  return [
    ...deliveries(model, state),
    ...runs(model, state),
    ...recovery(model, state),
    ...operators(model, state),
  ].map((move) => ({ ...move, next: settled(state, move.next) }));
}

function deliveries(model: Model, state: State): Transition[] {
  const transitions: Transition[] = [];
  for (let generation = 1; generation <= state.row.record.generation; generation += 1)
    for (let step = 0; step < model.definition.steps.length; step += 1)
      for (const deliver of [deliverStep, deliverUndo])
        transitions.push(...deliver(model, state, generation, step).map((move) => ({ ...move, generation })));
  return transitions;
}

/** A run goes on, or is gone with its process. One that does neither is frozen. */
function runs(model: Model, state: State): Transition[] {
  return state.runs.flatMap((run) => {
    const { generation } = run;
    const moves = run.job === 'step' ? continueStep(model, state, run) : continueUndo(model, state, run);
    const crash = { label: `${titleOf(model, run)} crashes (${run.phase})`, next: without(state, run) };
    return [...moves, crash].map((move) => ({ ...move, generation }));
  });
}

/** Time, and the reconciler. A rebuild reads the row first: by the generation, it sees whether it was too slow. */
function recovery(model: Model, state: State): Transition[] {
  const { row } = state;
  const { status, generation } = row.record;
  const transitions: Transition[] = [];
  if (generation < model.bounds.generations) {
    const rebuilt = nextGeneration(row, generation);
    if (rebuilt.answer !== undefined)
      transitions.push({ label: `flow rebuilt as g${rebuilt.answer}`, next: { ...state, row: rebuilt.row } });
  }
  if (status !== 'RUNNING') return transitions;
  if (!row.overdue)
    return [...transitions, { label: 'the deadline passes', next: { ...state, row: { ...row, overdue: true } } }];
  const recalled = turnBack(model, row, generation, 'outside');
  return [...transitions, { label: 'recalled at the deadline', next: { ...state, row: recalled.row } }];
}

function operators(model: Model, state: State): Transition[] {
  const { row } = state;
  const transitions: Transition[] = [];
  const cancelled = cancel(model, row);
  if (cancelled.answer === 'cancelled')
    transitions.push({ label: 'cancelled', next: { ...state, row: cancelled.row } });
  if (state.resolutionsLeft === 0 || row.record.status !== 'FAILED') return transitions;
  const steps = [...row.record.steps.keys()];
  const each = steps.flatMap((step) => [...resolutions(model, state, step), ...saidDone(model, state, step)]);
  return [...transitions, ...each, ...sentOn(model, state)];
}

/** A person found that the step in doubt did act. */
function saidDone(model: Model, state: State, step: number): Transition[] {
  if (at(state.world.effects, step) !== 'done') return [];
  const { answer, row } = goForward(model.conditions, state.row, step);
  if (answer === 'WRONG_STATE') return [];
  const resolutionsLeft = state.resolutionsLeft - 1;
  return [{ label: `${nameOf(model, step)} is done by hand`, next: { ...state, row, resolutionsLeft } }];
}

/** A person sends the parked saga forward, or gives it up. */
function sentOn(model: Model, state: State): Transition[] {
  const resolutionsLeft = state.resolutionsLeft - 1;
  const forward = goForward(model.conditions, state.row);
  const given = { label: 'abandoned', next: { ...state, row: abandon(state.row).row, resolutionsLeft } };
  if (forward.answer === 'WRONG_STATE') return [given];
  return [given, { label: 'sent forward', next: { ...state, row: forward.row, resolutionsLeft } }];
}

/** A person has undone the step, and says so; or wants it tried again, which can be said in the queue too. */
function resolutions(model: Model, state: State, step: number): Transition[] {
  const resolutionsLeft = state.resolutionsLeft - 1;
  const undone = resume(model.conditions, state.row, step, 'undone');
  if (undone.answer === 'WRONG_STATE') return [];
  const name = nameOf(model, step);
  const byHand = { row: undone.row, world: undo(state.world, step) };
  const { row } = resume(model.conditions, state.row, step, 'retry');
  const inQueue = { label: `undo ${name} is retried in the queue`, next: retried(state, step) };
  return [
    ...(at(state.jobs, step).failed ? [inQueue] : []),
    { label: `${name} is undone by hand`, next: { ...state, ...byHand, resolutionsLeft } },
    { label: `undo ${name} is to be tried again`, next: { ...state, row, resolutionsLeft } },
  ];
}

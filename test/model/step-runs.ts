import type { StepDefinition } from '../../src/core/definition.ts';
import { NoAnswerError, OutputError, PoisonError, TerminalError } from '../../src/core/errors.ts';
import { judge } from '../../src/core/judge.ts';
import type { Model, Transition } from './model.ts';
import { hasRoom, moved, nameOf, titleOf, withRun, without } from './model.ts';
import type { Run, State } from './state.ts';
import { NO_CLAIM, at, stepAt } from './state.ts';
import { attemptFailed, checkIn, record, stepFailed, turnBack, withdraw } from './store.ts';
import { act, tookPlace, voidUnused } from './world.ts';

const ERRORS = {
  error: new Error('refused'),
  terminal: new TerminalError('refused for good'),
  'no-answer': new NoAnswerError('late'),
  unrecordable: new OutputError('too large'),
  poison: new PoisonError('never answered'),
} as const;

/** The queue delivers a step's job: any one of any generation, in any order, as often as it likes. */
export function deliverStep(model: Model, state: State, generation: number, step: number): readonly Transition[] {
  const { conditions, bounds } = model;
  if (!hasRoom(model, state) || state.row.checkIns >= bounds.checkIns) return [];
  const { answer, row } = checkIn(conditions, state.row, { generation, step });
  const label = `deliver ${nameOf(model, step)} g${generation}: ${answer.kind}`;
  if (answer.kind === 'expired') {
    const run = { ...NOBODY, generation, step, phase: 'expired' } as const;
    return [{ label, next: withRun(state, run) }];
  }
  if (answer.kind !== 'granted') return [];
  const { attempt, unanswered, lost } = answer;
  const run: Run = {
    job: 'step',
    generation,
    step,
    phase: lost >= bounds.poisonAfter ? 'poison' : 'granted',
    attempt,
    checkIn: answer.checkIn,
    unanswered,
    resolutionsLeft: 0,
    claim: NO_CLAIM,
  };
  return [{ label: `${label} #${answer.checkIn}`, next: withRun(state, run, row), begins: step }];
}

const NOBODY = { job: 'step', attempt: 0, checkIn: 0, unanswered: false, resolutionsLeft: 0, claim: NO_CLAIM } as const;

/** What a step's run may do next. */
export function continueStep(model: Model, state: State, run: Run): readonly Transition[] {
  const { conditions } = model;
  const step = stepAt(model.definition, run.step);
  const title = titleOf(model, run);
  switch (run.phase) {
    case 'granted':
      return step.kind === 'step' ? request(model, state, run, step) : commit(model, state, run);
    case 'late': {
      const world = act(state.world, run.step);
      return world ? [{ label: `${title} acts late`, next: moved(state, run, 'acted', world) }] : [];
    }
    case 'acted': {
      const { answer, row } = record(conditions, state.row, run);
      const recorded = { label: `${title} records: ${answer}`, next: without(state, run, { row }) };
      return answer === 'recorded' ? [recorded, ...checkInAhead(model, recorded, run)] : [recorded];
    }
    case 'not-done':
      return [fail(model, state, run, 'FAILED')];
    case 'unverified':
      return [fail(model, state, run, 'UNKNOWN')];
    case 'expired': {
      const { answer, row } = turnBack(model, state.row, run.generation, 'within');
      return [{ label: `${title} turns back at the deadline: ${answer}`, next: without(state, run, { row }) }];
    }
    case 'error':
    case 'terminal':
    case 'no-answer':
    case 'unrecordable':
    case 'poison':
      return judged(model, state, run, { step, error: ERRORS[run.phase], phase: run.phase });
    case 'manual':
    case 'fetched':
    case 'noting':
      return [];
    default:
      return run.phase satisfies never;
  }
}

/** The next step is checked in by the same write. Its leave is used later, by whoever has the job by then, or withdrawn. */
function checkInAhead(model: Model, { label, next }: Transition, { generation, step }: Run): readonly Transition[] {
  if (step + 1 === model.definition.steps.length) return [];
  return deliverStep(model, next, generation, step + 1)
    .filter(({ begins }) => begins !== undefined)
    .map((ahead) => ({ ...ahead, label: `${label}, ahead: ${ahead.label}` }));
}

/** A transactional step: its writes and its record, or an error and nothing. */
function commit(model: Model, state: State, run: Run): readonly Transition[] {
  const title = titleOf(model, run);
  const { answer, row } = record(model.conditions, state.row, run);
  const world = answer === 'recorded' ? tookPlace(state.world, run.step) : state.world;
  const transitions = [
    { label: `${title} commits: ${answer}`, next: without(state, run, { row, world }) },
    { label: `${title} rolls back`, next: moved(state, run, 'error') },
    withdrawing(model, state, run),
  ];
  return state.row.overdue ? [...transitions, ...expire(model, state, run)] : transitions;
}

/** The run found another at it, or its leave was too old: it did not begin. */
function withdrawing(model: Model, state: State, run: Run): Transition {
  const row = withdraw(model.conditions, state.row, run);
  return { label: `${titleOf(model, run)} withdraws`, next: without(state, run, { row }) };
}

/** A step outside: everything that may become of a request. */
function request(model: Model, state: State, run: Run, step: StepDefinition & { kind: 'step' }): readonly Transition[] {
  const title = titleOf(model, run);
  const acted = act(state.world, run.step);
  const transitions: Transition[] = [
    { label: `${title} throws and has not acted`, next: moved(state, run, 'error') },
    ...expire(model, state, run),
    ...giveUpOn(model, state, run, 'no-answer'),
    { label: `${title} throws a TerminalError`, next: moved(state, run, 'terminal') },
    withdrawing(model, state, run),
  ];
  if (acted) {
    transitions.push({ label: `${title} acts`, next: moved(state, run, 'acted', acted) });
    transitions.push({ label: `${title} acts, unrecordable`, next: moved(state, run, 'unrecordable', acted) });
    transitions.push({ label: `${title} acts, no answer`, next: moved(state, run, 'no-answer', acted) });
    if (provesNothing(step))
      transitions.push({ label: `${title} acts and throws`, next: moved(state, run, 'error', acted) });
  }
  return transitions;
}

/** An error of the step's code may hide an effect. */
function provesNothing(step: StepDefinition & { kind: 'step' }): boolean {
  return step.onError === 'unknown' || step.verify !== undefined;
}

function expire(model: Model, state: State, run: Run): readonly Transition[] {
  return state.row.overdue ? giveUpOn(model, state, run, 'expired') : [];
}

/** The code is not waited for any more: it is gone, or goes on. */
function giveUpOn(model: Model, state: State, run: Run, phase: 'no-answer' | 'expired'): readonly Transition[] {
  const next = moved(state, run, phase);
  const label = `${titleOf(model, run)}: ${phase}`;
  const external = stepAt(model.definition, run.step).kind === 'step';
  if (!external || !hasRoom(model, state)) return [{ label, next }];
  return [
    { label, next },
    { label: `${label}, its code goes on`, next: withRun(next, { ...run, phase: 'late' }) },
  ];
}

function judged(
  model: Model,
  state: State,
  run: Run,
  caught: { readonly step: StepDefinition; readonly error: Error; readonly phase: Run['phase'] },
): readonly Transition[] {
  const { step, error, phase } = caught;
  const unanswered = (run.unanswered && model.conditions.tellsJudge(error)) || phase === 'no-answer';
  const judgement = judge(step, error, { attempt: run.attempt, unanswered });
  switch (judgement.kind) {
    case 'retry': {
      const { answer, row } = attemptFailed(model.conditions, state.row, run, judgement.cleared);
      return [
        { label: `${titleOf(model, run)} notes the failed attempt: ${answer}`, next: without(state, run, { row }) },
      ];
    }
    case 'verify':
      return verify(model, state, run);
    case 'failed':
      return [fail(model, state, run, 'FAILED')];
    case 'unknown':
      return [fail(model, state, run, 'UNKNOWN')];
    default:
      return judgement satisfies never;
  }
}

function verify(model: Model, state: State, run: Run): readonly Transition[] {
  const title = titleOf(model, run);
  const world = voidUnused(state.world, run.step);
  const done = at(world.effects, run.step) === 'done';
  return [
    {
      label: `${title} verifies: ${done ? 'done' : 'not done'}`,
      next: moved(state, run, done ? 'acted' : 'not-done', world),
    },
    { label: `${title} verifies: no answer`, next: moved(state, run, 'unverified') },
  ];
}

function fail(model: Model, state: State, run: Run, verdict: 'FAILED' | 'UNKNOWN'): Transition {
  const { answer, row } = stepFailed(model.conditions, state.row, run, verdict);
  return { label: `${titleOf(model, run)} says ${verdict}: ${answer}`, next: without(state, run, { row }) };
}

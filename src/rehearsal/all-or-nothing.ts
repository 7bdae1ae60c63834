import { isDeepStrictEqual } from 'node:util';
import type { SagaDefinition } from '../core/definition.ts';
import type { Fault } from './fault.ts';
import { failurePairs, failurePoints } from './failure-points.ts';
import type { Rehearsal, RehearsalOptions } from './rehearse.ts';
import { rehearse } from './rehearse.ts';
import type { Effects, FailureOutcome } from './report.ts';
import { AllOrNothingError } from './report.ts';

/** One saga, and all it works on. */
export interface World extends Omit<RehearsalOptions, 'faults'> {
  readonly definition: SagaDefinition;
  /**
   * What is in effect now. An effect that has the name of its step is also checked where the saga waits for a person: only
   * what a task is open for, or what is still to be undone, may then be there.
   */
  readonly effects: () => Effects | Promise<Effects>;
}

/** The same world each time, and nothing of the one before in it. */
export type WorldMaker = () => World | Promise<World>;

export interface AllOrNothingOptions {
  /** The faults to try, together with each other in each of the lists. Default: `failurePoints` of the definition. */
  readonly faults?: readonly (readonly Fault[])[];
  /** Tries every two failure points together as well: ten thousand for a saga of four steps, which takes a minute or more.
   *  Default false. */
  readonly pairs?: boolean;
}

/** The effects of a saga that has not begun, and of one that nothing disturbed. */
interface Reference {
  readonly before: Effects;
  readonly done: Effects;
}

/**
 * Rehearses a saga at every failure point, in a fresh world each time, and answers what it came to: whatever fails, and
 * wherever the process dies, its effects are all there or all gone, or a task says what is not. Throws an
 * `AllOrNothingError` that tells each fault for which they are not, with what was called and what was left. Faults that
 * struck nothing are left out.
 */
export async function assertAllOrNothing(
  makeWorld: WorldMaker,
  options: AllOrNothingOptions = {},
): Promise<readonly FailureOutcome[]> {
  const { definition } = await makeWorld();
  const reference = await referenceOf(makeWorld);
  const pairs = options.pairs === true ? failurePairs(definition) : [];
  const points = [...(options.faults ?? failurePoints(definition)), ...pairs];
  const outcomes: FailureOutcome[] = [];
  for (const faults of points) {
    const outcome = await outcomeOf(makeWorld, faults, reference);
    if (outcome.rehearsal.unstruck.length === 0) outcomes.push(outcome);
  }
  if (outcomes.some(({ findings }) => findings.length > 0)) throw new AllOrNothingError(definition.type, outcomes);
  return outcomes;
}

async function referenceOf(makeWorld: WorldMaker): Promise<Reference> {
  const world = await makeWorld();
  const before = await world.effects();
  const { status, error } = await rehearse(world.definition, world);
  const done = await world.effects();
  if (status !== 'COMPLETED')
    throw new Error(`Saga ${world.definition.type} is ${status} without any fault: ${error ?? 'no error'}`);
  if (isDeepStrictEqual(before, done))
    throw new Error(`effects() of ${world.definition.type} says the same before and after: nothing could be found`);
  return { before, done };
}

async function outcomeOf(
  makeWorld: WorldMaker,
  faults: readonly Fault[],
  reference: Reference,
): Promise<FailureOutcome> {
  const world = await makeWorld();
  const rehearsal = await rehearse(world.definition, { ...world, faults });
  const effects = await world.effects();
  return { faults, rehearsal, effects, findings: findingsOf(rehearsal, effects, reference) };
}

function findingsOf(rehearsal: Rehearsal, effects: Effects, { before, done }: Reference): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(done), ...Object.keys(effects)]);
  return [...names].flatMap((name) => {
    const allowed = allowedOf(rehearsal, name, before[name], done[name]);
    if (!allowed || allowed.some((value) => isDeepStrictEqual(value, effects[name]))) return [];
    return [`${name} is ${told(effects[name])}, expected ${allowed.map(told).join(' or ')}`];
  });
}

/** What an effect may be once its saga has ended or waits for a person; undefined: anything. */
function allowedOf(
  { status, steps, tasks }: Rehearsal,
  name: string,
  before: unknown,
  done: unknown,
): readonly unknown[] | undefined {
  if (status === 'COMPLETED') return [done];
  const step = steps.find((candidate) => candidate.name === name);
  // Only a task makes up for an effect, and an effect that is no step's may be of any of them.
  if (!step) return tasks.length > 0 ? undefined : [before];
  const isOwed = status === 'FAILED' && ['DONE', 'UNKNOWN', 'COMPENSATION_FAILED'].includes(step.status);
  return isOwed || tasks.some((task) => task.step === name) ? [before, done] : [before];
}

function told(value: unknown): string {
  return value === undefined ? 'not there' : JSON.stringify(value);
}

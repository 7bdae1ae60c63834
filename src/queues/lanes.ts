import type { RateLimiterOptions } from 'bullmq';
import type { Limits, SagaDefinition } from '../core/definition.ts';
import { undoOf } from '../core/definition.ts';
import type { Registry } from '../core/registry.ts';
import type { QueueName } from './names.ts';
import { COMPENSATIONS, STEPS } from './names.ts';

/** Steps are limited apart from compensations: what is undone does not wait for what is done. */
export type Side = typeof STEPS | typeof COMPENSATIONS;

/** A queue of its own for the jobs that share a limit: BullMQ limits whole queues, over all processes that work them. */
export interface Lane {
  readonly name: QueueName;
  readonly side: Side;
  readonly limits: Limits;
}

/** A step with limits has a lane of its own; the others of a limited type share the type's. */
function laneFor(side: Side, definition: SagaDefinition | undefined, name: string): Lane | undefined {
  const step = definition?.steps.find((candidate) => candidate.name === name);
  if (!definition || !step || (side === COMPENSATIONS && undoOf(step) === 'nothing')) return undefined;
  if (step.limits) return { name: `${side}.${definition.type}.${name}`, side, limits: step.limits };
  if (definition.limits) return { name: `${side}.${definition.type}`, side, limits: definition.limits };
  return undefined;
}

/** The queue that a step's jobs, or its compensation's, are added to. */
export function queueFor(side: Side, definition: SagaDefinition | undefined, step: string): QueueName {
  return laneFor(side, definition, step)?.name ?? side;
}

/** The queues that a step's jobs may be in, whatever limits its code had when they were added. */
export function everyQueueFor(side: Side, type: string, step: string): readonly QueueName[] {
  return [side, `${side}.${type}`, `${side}.${type}.${step}`];
}

/** The lanes of all definitions. */
export function lanesOf(registry: Registry): readonly Lane[] {
  const lanes = [...registry.values()].flatMap((definition) =>
    definition.steps.flatMap(({ name }) => [
      laneFor(STEPS, definition, name),
      laneFor(COMPENSATIONS, definition, name),
    ]),
  );
  const byName = new Map(lanes.flatMap((lane) => (lane ? [[lane.name, lane] as const] : [])));
  return [...byName.values()];
}

/** Jobs that are let through together, in one of the windows of a second. More of them would need more windows. */
const WINDOWS = 25;

/**
 * BullMQ counts in fixed windows: ten in a window of a second may be twenty in the second around its end. So a second is
 * cut into windows of few jobs. A window begins with its first job, so that any second touches `windows + 1` of them, of the
 * first of which the first job is before it: at most `perSecond` in all. Up to 25 a second are spread evenly.
 */
export function limiterOf(perSecond: number): RateLimiterOptions {
  const max = Math.ceil(perSecond / WINDOWS);
  const windows = Math.floor((perSecond + 1) / max) - 1;
  return { max, duration: Math.ceil(1_000 / windows) };
}

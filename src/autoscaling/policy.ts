/**
 * How many workers there should be. Pure: the time comes with the tick.
 *
 * Terminology
 *
 * slot     room for one job at a time; a worker has as many as its concurrency
 * backlog  jobs that have a slot or that another worker could take: active, waiting, prioritized, and delayed ones that are due
 */

/** What the queues and PostgreSQL say at one moment. */
export interface Load {
  /** The active ones are in it: they hold their slots. Were only those counted that wait, a worker would seem to be too many
   *  as soon as every job has one. */
  readonly backlog: number;
  readonly active: number;
  /** Jobs without a slot, those in queues with a limit not counted: they may wait for the limit. */
  readonly waiting: number;
  /** How long the oldest step has been ready to run without having begun, in milliseconds; 0 where none is. */
  readonly oldestReadyMs: number;
}

export interface Bounds {
  /** At least 1: only workers promote delayed jobs and find those of dead workers. */
  readonly min: number;
  readonly max: number;
  readonly slotsPerWorker: number;
}

export interface Tick extends Load, Bounds {
  /** The workers that there are, those that are starting included. */
  readonly workers: number;
  /** When it is, in milliseconds of any clock that does not go back. */
  readonly atMs: number;
}

/** What the policy keeps from one tick for the next. */
export interface Memory {
  /** Since when there have been more jobs than slots. */
  readonly pressedSinceMs: number | undefined;
  /** Since when one worker less would do. */
  readonly quietSinceMs: number | undefined;
  /** When a worker was added because steps were late. */
  readonly helpedAtMs: number | undefined;
}

/** `bounds`: there were fewer than the minimum or more than the maximum. `backlog`: more jobs than slots. `late`: slots would
 *  do, and yet steps do not begin. `quiet`: one less would do, and has for long. */
export type ScalingReason = 'bounds' | 'backlog' | 'late' | 'quiet' | 'steady';

export interface Decision {
  readonly workers: number;
  readonly reason: ScalingReason;
  readonly memory: Memory;
}

/** More jobs than slots for less long is what a busy queue looks like, and no reason to start a process. */
export const PROMPT_MS = 500;
/** A step that has been ready for so long, while others hold no more than the slots there are, is held up by something else
 *  than slots: as when the workers have no processor time left to fetch it. */
export const LATE_MS = 10_000;
/** How long one worker less must do before it goes, and again before the next. */
export const STABLE_MS = 10_000;
/** The share of the slots of one worker less that may be taken for it to do: room for what comes the moment after. */
export const COMFORT = 0.8;

export const FRESH: Memory = { pressedSinceMs: undefined, quietSinceMs: undefined, helpedAtMs: undefined };

/** As many workers as have a slot for each job, within the bounds: the policy without its memory. */
export function desiredWorkers({ backlog, slotsPerWorker, min, max }: Pick<Load, 'backlog'> & Bounds): number {
  return Math.max(1, min, Math.min(max, Math.ceil(backlog / slotsPerWorker)));
}

/** Up at once and by as many as are needed, down one by one, each after a time in which it was not needed. */
export function scale(tick: Tick, before: Memory = FRESH): Decision {
  const bounded = Math.max(1, tick.min, Math.min(tick.max, tick.workers));
  if (bounded !== tick.workers) return { workers: bounded, reason: 'bounds', memory: FRESH };
  const memory = observe(tick, before);
  const desired = desiredWorkers(tick);
  if (desired > tick.workers && isPressing(tick, memory)) return { workers: desired, reason: 'backlog', memory };
  if (tick.workers < tick.max && isLate(tick) && hasPassed(tick, memory.helpedAtMs ?? -Infinity, LATE_MS))
    return { workers: tick.workers + 1, reason: 'late', memory: { ...memory, helpedAtMs: tick.atMs } };
  if (tick.workers > tick.min && hasPassed(tick, memory.quietSinceMs, STABLE_MS))
    return { workers: tick.workers - 1, reason: 'quiet', memory: { ...memory, quietSinceMs: tick.atMs } };
  return { workers: tick.workers, reason: 'steady', memory };
}

function observe(tick: Tick, before: Memory): Memory {
  const { backlog, workers, slotsPerWorker, atMs } = tick;
  const pressed = backlog > workers * slotsPerWorker;
  const quiet = !isLate(tick) && backlog <= COMFORT * (workers - 1) * slotsPerWorker;
  return {
    pressedSinceMs: pressed ? (before.pressedSinceMs ?? atMs) : undefined,
    quietSinceMs: quiet ? (before.quietSinceMs ?? atMs) : undefined,
    helpedAtMs: before.helpedAtMs,
  };
}

function isPressing(tick: Tick, { pressedSinceMs }: Memory): boolean {
  return tick.oldestReadyMs >= PROMPT_MS || hasPassed(tick, pressedSinceMs, PROMPT_MS);
}

function isLate({ waiting, oldestReadyMs }: Tick): boolean {
  return waiting > 0 && oldestReadyMs >= LATE_MS;
}

function hasPassed({ atMs }: Tick, sinceMs: number | undefined, ms: number): boolean {
  return sinceMs !== undefined && atMs - sinceMs >= ms;
}

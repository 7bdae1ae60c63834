import type { Bounds, Decision, Memory } from '../../src/autoscaling/policy.ts';
import { FRESH, scale } from '../../src/autoscaling/policy.ts';

export interface Simulation extends Bounds {
  /** How long a job holds its slot, in milliseconds. */
  readonly stepMs: number;
  readonly seconds: number;
  /** Jobs that come in the second that begins at `second`. */
  readonly arrivals: (second: number) => number;
}

export interface Moment {
  readonly second: number;
  readonly backlog: number;
  readonly oldestReadyMs: number;
  readonly workers: number;
  readonly reason: Decision['reason'];
}

const SLICE_MS = 50;
/** From the fork of a worker to its first job, in milliseconds. */
const START_MS = 1_500;

/** Jobs that came together; they are served in the order in which they came. */
interface Cohort {
  readonly atMs: number;
  count: number;
}

/** Plays a load against the policy, one tick a second: a fluid model of a queue and of workers that take time to start. */
export function simulate(simulation: Simulation): readonly Moment[] {
  const { stepMs, seconds, arrivals, slotsPerWorker } = simulation;
  const moments: Moment[] = [];
  const waiting: Cohort[] = [];
  let active = 0;
  let readyAtMs: number[] = Array.from({ length: simulation.min }, () => 0);
  let memory: Memory = FRESH;
  for (let atMs = 0; atMs < seconds * 1_000; atMs += SLICE_MS) {
    waiting.push({ atMs, count: (arrivals(Math.floor(atMs / 1_000)) * SLICE_MS) / 1_000 });
    active -= Math.min(active, (active * SLICE_MS) / stepMs);
    const ready = readyAtMs.filter((each) => each <= atMs).length;
    active += take(waiting, Math.max(0, ready * slotsPerWorker - active));
    if (atMs % 1_000 !== 0) continue;
    const backlog = active + total(waiting);
    const load = { active, backlog, waiting: backlog - active, oldestReadyMs: atMs - (waiting[0]?.atMs ?? atMs) };
    const decision = scale({ ...simulation, ...load, workers: readyAtMs.length, atMs }, memory);
    memory = decision.memory;
    readyAtMs = resized(readyAtMs, decision.workers, atMs + START_MS);
    moments.push({ second: atMs / 1_000, ...load, workers: decision.workers, reason: decision.reason });
  }
  return moments;
}

function resized(readyAtMs: readonly number[], workers: number, nextReadyAtMs: number): number[] {
  const added = Math.max(0, workers - readyAtMs.length);
  return [...readyAtMs.slice(0, workers), ...Array.from({ length: added }, () => nextReadyAtMs)];
}

function take(waiting: Cohort[], room: number): number {
  let taken = 0;
  while (taken < room && waiting[0] !== undefined) {
    const part = Math.min(waiting[0].count, room - taken);
    taken += part;
    waiting[0].count -= part;
    if (waiting[0].count < 1e-9) waiting.shift();
  }
  return taken;
}

const total = (waiting: readonly Cohort[]) => waiting.reduce((sum, { count }) => sum + count, 0);

/** How often the number of workers stops rising and falls, or the other way round. */
export function turns(moments: readonly Moment[]): number {
  const changes = moments
    .map(({ workers }, index) => workers - (moments[index - 1]?.workers ?? workers))
    .filter((change) => change !== 0);
  return changes.filter((change, index) => index > 0 && Math.sign(change) !== Math.sign(changes[index - 1] ?? 0))
    .length;
}

export const workersOf = (moments: readonly Moment[]) => moments.map(({ workers }) => workers);

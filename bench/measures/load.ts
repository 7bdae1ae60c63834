import type { ContenderName, Ending, World } from '../contenders/contender.ts';
import type { LoadAnswer, Order } from '../processes/messages.ts';
import type { Usage } from '../rig/counters.ts';
import { readCommits, readCounters, usageBetween } from '../rig/counters.ts';
import type { Crew } from '../rig/crew.ts';
import { startCrew } from '../rig/crew.ts';
import type { Rig } from '../rig/rig.ts';

/** Jobs at once in a worker process: with 50 raw flows are as fast, with more nobody is faster. */
export const CONCURRENCY = 100;
/** Sagas that are started and have not ended: enough to keep every slot busy. */
export const IN_FLIGHT = 500;
const DATABASE = 'bench_run';

export interface LoadPlan {
  readonly contender: ContenderName;
  readonly ending?: Ending;
  /** Default 1. */
  readonly workers?: number;
  /** The database to copy; an empty one by default. */
  readonly template?: string;
}

export interface LoadFigures extends Usage {
  readonly sagas: number;
  readonly perSecond: number;
}

/** A new database and an empty Redis for a contender. */
export async function worldFor(
  rig: Rig,
  { contender, ending = 'done', template }: Omit<LoadPlan, 'workers'>,
): Promise<World> {
  const databaseUrl = await rig.fresh(DATABASE, template);
  return { contender, ending, databaseUrl, redisUrl: rig.redisUrl, concurrency: CONCURRENCY };
}

/** A load on fresh servers' data and processes: a warm-up that is not counted, then `seconds` that are. */
export async function runLoad(
  rig: Rig,
  plan: LoadPlan,
  seconds: number,
  nodeOptions: readonly string[] = [],
): Promise<LoadFigures> {
  const crew = await startCrew(await worldFor(rig, plan), plan.workers ?? 1, nodeOptions);
  const { warm, counted, before, after } = await measure(rig, crew, seconds).finally(() => crew.stop());
  const sagas = warm.sagas + counted.sagas;
  const commits = (await readCommits(rig, DATABASE)) / sagas;
  const usage = usageBetween(before, after, counted.sagas, commits);
  return { ...usage, sagas: counted.sagas, perSecond: counted.sagas / counted.seconds };
}

async function measure(rig: Rig, { starter, pids }: Crew, seconds: number) {
  const load = (length: number): Order => ({ kind: 'load', seconds: length, inFlight: IN_FLIGHT });
  const warm = await starter.ask<LoadAnswer>(load(Math.min(2, seconds)));
  const before = await readCounters(rig, pids);
  const counted = await starter.ask<LoadAnswer>(load(seconds));
  return { warm, counted, before, after: await readCounters(rig, pids) };
}

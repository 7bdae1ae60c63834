import type { ContenderName, Ending, World } from '../contenders/contender.ts';
import type { LoadAnswer, Order } from '../processes/messages.ts';
import type { Usage } from '../rig/counters.ts';
import { readCommits, readCounters, usageBetween } from '../rig/counters.ts';
import { startRestate } from '../peers/restate-server.ts';
import type { Crew } from '../rig/crew.ts';
import { startCrew } from '../rig/crew.ts';
import type { Rig } from '../rig/rig.ts';

/** Jobs at once in a worker process: with 50 raw flows are as fast, with more nobody is faster. */
export const CONCURRENCY = 100;
/** Sagas that are started and have not ended: enough to keep every slot busy. */
export const IN_FLIGHT = 500;
/** Starts that wait for their answer: what a pool of connections takes without giving up, also when nothing is warm. */
const STARTS_AT_ONCE = 100;
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

/** A load on new data and in new processes: a warm-up that is not counted, then `seconds` that are. */
export async function runLoad(
  rig: Rig,
  plan: LoadPlan,
  seconds: number,
  nodeOptions: readonly string[] = [],
): Promise<LoadFigures> {
  const world = await worldFor(rig, plan);
  if (plan.contender !== 'restate') return runIn(rig, world, { ...plan, seconds, nodeOptions, serverPids: [] });
  const restate = await startRestate(rig.folder);
  const serverPids = [restate.pid];
  return runIn(rig, { ...world, restate }, { ...plan, seconds, nodeOptions, serverPids }).finally(() => restate.stop());
}

interface RunOptions {
  readonly workers?: number;
  readonly seconds: number;
  readonly nodeOptions: readonly string[];
  /** Of servers that count as processes of the contender. */
  readonly serverPids: readonly number[];
}

async function runIn(rig: Rig, world: World, options: RunOptions): Promise<LoadFigures> {
  const crew = await startCrew(world, options.workers ?? 1, options.nodeOptions);
  const pids = [...crew.pids, ...options.serverPids];
  const { warm, counted, before, after } = await measure(rig, crew, pids, options.seconds).finally(() => crew.stop());
  const commits = (await readCommits(rig, DATABASE)) / (warm.sagas + counted.sagas);
  const usage = usageBetween(before, after, counted.sagas, commits);
  return { ...usage, sagas: counted.sagas, perSecond: counted.sagas / counted.seconds };
}

async function measure(rig: Rig, { starter }: Crew, pids: readonly number[], seconds: number) {
  const load = (length: number): Order => ({
    kind: 'load',
    seconds: length,
    inFlight: IN_FLIGHT,
    startsAtOnce: STARTS_AT_ONCE,
  });
  const warm = await starter.ask<LoadAnswer>(load(Math.min(2, seconds)));
  const before = await readCounters(rig, pids);
  const counted = await starter.ask<LoadAnswer>(load(seconds));
  return { warm, counted, before, after: await readCounters(rig, pids) };
}

import { Client } from 'pg';
import { eventually } from '../../test/support/eventually.ts';
import type { World } from '../contenders/contender.ts';
import { percentile, spreadOf } from '../report/statistics.ts';
import { figure, medianAndRange, tableOf } from '../report/table.ts';
import type { BenchProcess } from '../rig/processes.ts';
import { forkProcess } from '../rig/processes.ts';
import type { Rig } from '../rig/rig.ts';
import { worldFor } from './load.ts';
import type { Measure } from './measure.ts';

const PATIENCE = { timeoutMs: 120_000, intervalMs: 5 };
/** In the hands of the worker that is killed. */
const HELD = 20;

/** What is measured, in seconds. */
const TITLES = {
  killed: 'kill -9 of one of two workers, all its steps run again',
  first: 'FLUSHALL, a step of the first saga runs again',
  queued: 'FLUSHALL, the last saga is queued again',
  last: 'FLUSHALL, a step of the last saga has run again',
} as const;
type Key = keyof typeof TITLES;

/** (h): how long sagas stand still. The last saga of many waits for the steps of the others, so that is throughput, too. */
export function recovery(): Measure {
  const seconds: Record<Key, number[]> = { killed: [], first: [], queued: [], last: [] };
  const median = (key: Key) => percentile(seconds[key], 50);
  const keys = Object.keys(TITLES) as Key[];
  return {
    name: 'recovery',
    letters: ['h'],
    round: async (rig, { kills, live }) => {
      for (let kill = 0; kill < kills; kill += 1) seconds.killed.push(await killWorker(rig));
      const wiped = await wipeRedis(rig, live);
      for (const key of ['first', 'queued', 'last'] as const) seconds[key].push(wiped[key]);
      rig.say(`recovery: ${figure(median('killed'))} s after kill -9; ${figure(wiped.last)} s after FLUSHALL`);
    },
    result: () => ({
      lines: tableOf(
        ['recovery', 's'],
        keys.map((key) => [TITLES[key], medianAndRange(seconds[key])]),
      ),
      goals: [
        { letter: 'h', what: 'kill -9 to running again, s', value: median('killed'), atMost: 3 },
        { letter: 'h', what: 'FLUSHALL to the last queued again, s', value: median('queued'), atMost: 5 },
        { letter: 'h', what: 'FLUSHALL to the last running again, s', value: median('last'), atMost: 5 },
      ],
      json: Object.fromEntries(keys.map((key) => [key, spreadOf(seconds[key])])),
    }),
  };
}

/** Two workers whose steps do not end, and the sagas that each of them has seen. */
interface Scene {
  readonly world: World;
  readonly workers: readonly BenchProcess[];
  readonly seen: readonly Set<string>[];
  start(count: number): Promise<void>;
}

async function onScene<R>(rig: Rig, play: (scene: Scene) => Promise<R>): Promise<R> {
  const world = await worldFor(rig, { contender: 'backstep' });
  const seen = [new Set<string>(), new Set<string>()];
  const processes: BenchProcess[] = [];
  try {
    const starter = await forkProcess('starter', { world });
    processes.push(starter);
    for (const sagaIds of seen) processes.push(await forkHeld(world, sagaIds));
    const workers = processes.slice(1);
    const start = async (count: number) => void (await starter.ask({ kind: 'start', count }));
    return await play({ world, workers, seen, start });
  } finally {
    // What is left over would take long to end well, and nobody needs it.
    await Promise.all(processes.map((process) => process.kill()));
  }
}

function forkHeld(world: World, seen: Set<string>): Promise<BenchProcess> {
  return forkProcess('held-worker', {
    world,
    heard: (report) => {
      if (report.kind === 'ran') report.sagaIds.forEach((sagaId) => seen.add(sagaId));
    },
  });
}

/** Seconds from the kill until every step that the worker ran is run by the other. */
function killWorker(rig: Rig): Promise<number> {
  return onScene(rig, async ({ workers, seen, start }) => {
    await start(HELD);
    await eventually(() => sum(seen) === HELD, PATIENCE);
    const [one, two] = seen;
    const victim = (one?.size ?? 0) >= (two?.size ?? 0) ? 0 : 1;
    const survivor = seen[1 - victim];
    const lost = [...(seen[victim] ?? [])];
    const killedAt = performance.now();
    await workers[victim]?.kill();
    await eventually(() => lost.every((sagaId) => survivor?.has(sagaId)), PATIENCE);
    return (performance.now() - killedAt) / 1_000;
  });
}

async function wipeRedis(rig: Rig, live: number): Promise<Record<'first' | 'queued' | 'last', number>> {
  return onScene(rig, async ({ world, workers, seen, start }) => {
    await start(live);
    await eventually(() => sum(seen) === Math.min(live, world.concurrency * workers.length), PATIENCE);
    const sql = new Client({ connectionString: world.databaseUrl });
    await sql.connect();
    await rig.redis.flushall();
    const wipedAt = performance.now();
    seen.forEach((sagaIds) => sagaIds.clear());
    workers.forEach((worker) => worker.tell({ kind: 'release' }));
    const secondsUntil = async (condition: () => boolean | Promise<boolean>) => {
      await eventually(condition, PATIENCE);
      return (performance.now() - wipedAt) / 1_000;
    };
    const [first, queued, last] = await Promise.all([
      secondsUntil(() => sum(seen) > 0),
      secondsUntil(() => areQueued(sql)),
      secondsUntil(() => new Set(seen.flatMap((sagaIds) => [...sagaIds])).size === live),
    ]);
    await sql.end();
    return { first, queued, last };
  });
}

/** A saga whose flow was lost is taken to the next generation when its new flow is added. */
async function areQueued(sql: Client): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT 1 FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING') AND generation = 1 LIMIT 1`,
  );
  return rows.length === 0;
}

function sum(sets: readonly Set<string>[]): number {
  return sets.reduce((total, { size }) => total + size, 0);
}

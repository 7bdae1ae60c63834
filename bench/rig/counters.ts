import { cpus } from 'node:os';
import { cpuSeconds } from './cpu.ts';
import type { Rig } from './rig.ts';

/** What a run has used up so far; two of them make a difference. */
export interface Counters {
  readonly nodeCpu: number;
  readonly postgresCpu: number;
  readonly redisCpu: number;
  /** Of all processors, for whatever process. */
  readonly machineCpu: number;
  readonly seconds: number;
  readonly walBytes: number;
  readonly redisCommands: Readonly<Record<string, number>>;
}

/** What a run used, a saga; CPU in seconds a thousand. */
export interface Usage {
  readonly nodeCpu: number;
  readonly postgresCpu: number;
  readonly redisCpu: number;
  readonly cpu: number;
  /** How much of the machine other processes had, in percent: the more, the less the figures say. */
  readonly elsewhere: number;
  readonly walBytes: number;
  readonly redisCommands: number;
  /** Lua scripts run; what they call is among the commands. */
  readonly redisScripts: number;
  readonly commits: number;
}

export async function readCounters({ admin, redis, pids }: Rig, nodePids: readonly number[]): Promise<Counters> {
  const { rows } = await admin.query<{ bytes: string }>(`SELECT pg_current_wal_lsn() - '0/0' AS bytes`);
  return {
    nodeCpu: nodePids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    postgresCpu: cpuSeconds(pids.postgres),
    redisCpu: cpuSeconds(pids.redis),
    machineCpu: machineSeconds(),
    seconds: performance.now() / 1_000,
    walBytes: Number(rows[0]?.bytes),
    redisCommands: commandsIn(await redis.info('commandstats')),
  };
}

/** Committed transactions of a database. Backends tell only when they end: ask after the last of them has. */
export async function readCommits({ admin }: Rig, database: string): Promise<number> {
  const { rows } = await admin.query<{ commits: string }>(
    'SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = $1',
    [database],
  );
  return Number(rows[0]?.commits);
}

export function usageBetween(before: Counters, after: Counters, sagas: number, commits: number): Usage {
  const spent = (key: 'nodeCpu' | 'postgresCpu' | 'redisCpu') => ((after[key] - before[key]) * 1_000) / sagas;
  const called = (isCounted: (name: string) => boolean) => {
    const names = Object.keys(after.redisCommands).filter(isCounted);
    const calls = names.map((name) => (after.redisCommands[name] ?? 0) - (before.redisCommands[name] ?? 0));
    return calls.reduce((sum, each) => sum + each, 0) / sagas;
  };
  const isScript = (name: string) => name === 'evalsha' || name === 'eval';
  const cpu = spent('nodeCpu') + spent('postgresCpu') + spent('redisCpu');
  const others = after.machineCpu - before.machineCpu - (cpu * sagas) / 1_000;
  const available = (after.seconds - before.seconds) * cpus().length;
  return {
    nodeCpu: spent('nodeCpu'),
    postgresCpu: spent('postgresCpu'),
    redisCpu: spent('redisCpu'),
    cpu,
    elsewhere: Math.max(0, (others * 100) / available),
    walBytes: (after.walBytes - before.walBytes) / sagas,
    redisCommands: called((name) => !isScript(name)),
    redisScripts: called(isScript),
    commits,
  };
}

function machineSeconds(): number {
  const milliseconds = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return milliseconds.reduce((sum, each) => sum + each, 0) / 1_000;
}

function commandsIn(info: string): Readonly<Record<string, number>> {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return Object.fromEntries([...lines].map(([, name, calls]) => [name, Number(calls)]));
}

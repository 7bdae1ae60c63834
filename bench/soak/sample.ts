import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import type { Memory } from './memory.ts';
import { ownMemory } from './memory.ts';

/** What must not grow with the number of sagas. */
export interface Sample {
  readonly redisBytes: number;
  readonly workerRss: number;
  readonly workerHeap: number;
  readonly starterRss: number;
  readonly starterHeap: number;
  /** Of all tables that a saga writes to. */
  readonly rows: number;
  /** Since the sample before: rows are kept for a time, so that there are as many as came in it. */
  readonly sagasPerSecond: number;
}

export async function takeSample(
  sql: Client,
  redis: Redis,
  worker: ChildProcess,
  sagasPerSecond: number,
): Promise<Sample> {
  const own = ownMemory();
  worker.send('memory');
  const [of] = (await once(worker, 'message')) as [Memory];
  return {
    redisBytes: Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]),
    workerRss: of.rss,
    workerHeap: of.heap,
    starterRss: own.rss,
    starterHeap: own.heap,
    rows: await countRows(sql),
    sagasPerSecond,
  };
}

async function countRows(sql: Client): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT ((SELECT count(*) FROM saga_state) + (SELECT count(*) FROM saga_step) + (SELECT count(*) FROM saga_log)
      + (SELECT count(*) FROM operator_task))::int AS count`,
  );
  return rows[0]?.count ?? 0;
}

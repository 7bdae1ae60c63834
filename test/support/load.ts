import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { z } from 'zod';
import type { Runner } from '../../src/index.ts';
import { createRunner, defineSaga, redisBackend } from '../../src/index.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Database } from '../../src/store/prisma.ts';
import { connectPrisma } from '../../src/store/prisma.ts';
import { eventually } from './eventually.ts';
import type { OwnServers } from './own-servers.ts';
import { startOwnServers } from './own-servers.ts';

/** Sagas `SLOW` on servers of their own, to be in the middle of when something happens to these. */
export interface Load {
  readonly servers: OwnServers;
  readonly prisma: Database['prisma'];
  readonly runner: Runner;
  startMany(count: number): Promise<string[]>;
  /** Resolves when some of their steps are recorded, and others run. */
  underWay(sagaIds: readonly string[]): Promise<void>;
  /** Resolves when they are completed, and no attempt was used up. */
  allComplete(sagaIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const slow = async () => {
  await sleep(150);
};
const saga = defineSaga('SLOW', { input: z.object({}) })
  .step('A', { execute: slow, compensate: slow })
  .transaction('B', { execute: () => ({ b: true }), compensate: slow })
  .step('C', { execute: slow, compensate: slow });

export async function startLoad(): Promise<Load> {
  const servers = await startOwnServers();
  await migrate(servers.postgres.url);
  const { prisma, close: disconnect } = connectPrisma(servers.postgres.url);
  await prisma.$queryRawUnsafe('SELECT 1');
  const queues = redisBackend({ url: servers.redis.url });
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const runner = createRunner({ prisma, queues, sagas: [saga], log });
  await runner.work({ concurrency: 10 });
  return {
    servers,
    prisma,
    runner,
    startMany: (count) =>
      Promise.all(Array.from({ length: count }, async () => (await runner.start('SLOW', {})).sagaId)),
    underWay: async (sagaIds) => void (await eventually(() => areUnderWay(prisma, sagaIds))),
    allComplete: (sagaIds) => allComplete(runner, sagaIds),
    close: async () => {
      await runner.close();
      await disconnect();
      await servers.stop();
    },
  };
}

async function areUnderWay(prisma: Database['prisma'], sagaIds: readonly string[]): Promise<boolean> {
  const [row] = await prisma.$queryRawUnsafe<{ begun: number; open: number }[]>(
    `SELECT count(*) FILTER (WHERE steps_done > 0)::int AS begun, count(*)::int AS open
     FROM saga_state WHERE status = 'RUNNING' AND saga_id = ANY($1::text[])`,
    sagaIds,
  );
  return row !== undefined && row.begun > 0 && row.open > sagaIds.length / 2;
}

async function allComplete(runner: Runner, sagaIds: readonly string[]): Promise<void> {
  const sagas = await eventually(
    async () => {
      const all = await Promise.all(sagaIds.map((id) => runner.get(id)));
      const open = all.filter(({ status }) => status !== 'COMPLETED');
      if (open.length > 0) throw new Error(`${open.length} open: ${JSON.stringify(open[0])}`);
      return all;
    },
    { timeoutMs: 50_000, intervalMs: 250 },
  );
  expect(new Set(sagas.map(({ retryCount }) => retryCount))).toEqual(new Set([0]));
  expect(new Set(sagas.flatMap(({ steps }) => steps.map(({ attempts }) => attempts)))).toEqual(new Set([1]));
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { z } from 'zod';
import type { Runner } from '../../src/index.ts';
import { createRunner, defineSaga, redisBackend } from '../../src/index.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Database } from '../../src/store/prisma.ts';
import { connectPrisma } from '../../src/store/prisma.ts';
import { eventually } from '../support/eventually.ts';
import type { OwnServers } from '../support/own-servers.ts';
import { startOwnServers } from '../support/own-servers.ts';

/** How long Redis is away, in milliseconds: longer than a worker's lock. */
const REDIS_AWAY_MS = 7_000;
const POSTGRES_AWAY_MS = 30_000;
const SAGAS = 60;

let servers: OwnServers;
let database: Database;
let runner: Runner;

const slow = async () => {
  await sleep(150);
};
const saga = defineSaga('SLOW', { input: z.object({}) })
  .step('A', { execute: slow, compensate: slow })
  .transaction('B', { execute: () => ({ b: true }), compensate: slow })
  .step('C', { execute: slow, compensate: slow });

beforeAll(async () => {
  servers = await startOwnServers();
  await migrate(servers.postgres.url);
  database = connectPrisma(servers.postgres.url);
  await database.prisma.$queryRawUnsafe('SELECT 1');
  const queues = redisBackend({ url: servers.redis.url });
  runner = createRunner({ prisma: database.prisma, queues, sagas: [saga], log: pino({ level: 'silent' }) });
  await runner.work({ concurrency: 10 });
});
afterAll(async () => {
  await runner.close();
  await database.close();
  await servers.stop();
});

const startMany = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await runner.start('SLOW', {})).sagaId));

/** Some steps are recorded, and others run. */
const underWay = () =>
  eventually(async () => {
    const [row] = await database.prisma.$queryRawUnsafe<{ begun: number; open: number }[]>(
      `SELECT count(*) FILTER (WHERE steps_done > 0)::int AS begun, count(*)::int AS open
       FROM saga_state WHERE status = 'RUNNING'`,
    );
    return row !== undefined && row.begun > 0 && row.open > SAGAS / 2;
  });

async function allComplete(sagaIds: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const sagas = await Promise.all(sagaIds.map((id) => runner.get(id)));
      const open = sagas.filter(({ status }) => status !== 'COMPLETED');
      if (open.length > 0) throw new Error(`${open.length} open: ${JSON.stringify(open[0])}`);
      const attempts = sagas.flatMap(({ steps }) => steps.map((step) => step.attempts));
      expect(new Set(attempts)).toEqual(new Set([1]));
      expect(new Set(sagas.map(({ retryCount }) => retryCount))).toEqual(new Set([0]));
      return true;
    },
    { timeoutMs: 50_000, intervalMs: 250 },
  );
}

test('a wiped Redis loses no saga', async () => {
  const sagaIds = await startMany(SAGAS);
  await underWay();
  const redis = new Redis(servers.redis.url);
  await redis.flushall();
  redis.disconnect();
  await allComplete(sagaIds);
}, 90_000);

test('Redis killed and away: what runs completes, and what is started meanwhile is accepted and completes', async () => {
  const before = await startMany(SAGAS);
  await underWay();
  await servers.redis.kill();
  const meanwhile = await startMany(5);
  await sleep(REDIS_AWAY_MS);
  await servers.redis.start();
  await allComplete([...before, ...meanwhile]);
}, 90_000);

test('PostgreSQL away for 30 s in the middle of 100 sagas: no attempt is used, starts are refused as such, all complete', async () => {
  const before = await startMany(100);
  await underWay();
  await servers.postgres.kill();
  await expect(runner.start('SLOW', {})).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await sleep(POSTGRES_AWAY_MS);
  await servers.postgres.start();
  await allComplete(before);
}, 120_000);

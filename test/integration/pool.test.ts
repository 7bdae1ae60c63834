import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import type { Runner } from '../../src/index.ts';
import { NOTHING_TO_UNDO, createRunner, defineSaga, redisBackend } from '../../src/index.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

let database: TestDatabase;
let connection: Database;
let runner: Runner;
let inside = 0;
let open: () => void = () => undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  connection = connectPrisma(database.url, { poolSize: 4 });
  await connection.prisma.$queryRawUnsafe('SELECT 1');
  const opened = new Promise<void>((resolve) => (open = resolve));
  const sagas = [
    defineSaga('SLOW', { input: z.object({}) }).transaction('HOLD', {
      execute: async () => {
        inside += 1;
        await opened;
      },
      compensate: NOTHING_TO_UNDO,
    }),
    defineSaga('QUICK', { input: z.object({}) }).step('ACT', { execute: () => undefined, compensate: NOTHING_TO_UNDO }),
  ];
  const queues = redisBackend({ url: testRedisUrl(), prefix: testPrefix() });
  runner = createRunner({ prisma: connection.prisma, queues, sagas, log: pino({ level: 'silent' }) });
  await runner.work({ transactions: 2 });
});
afterAll(async () => {
  await runner.close();
  await connection.close();
  await database.drop();
});

const startMany = (type: string, count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await runner.start(type, {})).sagaId));
const allCompleted = (ids: readonly string[]) =>
  eventually(async () => {
    const sagas = await Promise.all(ids.map((id) => runner.get(id)));
    return sagas.every(({ status }) => status === 'COMPLETED') && sagas;
  });

test('steps that stay long in their transactions leave connections to all others, and each has its turn', async () => {
  const slow = await startMany('SLOW', 8);
  await eventually(async () => inside === 2);
  await allCompleted(await startMany('QUICK', 20));
  expect(inside).toBe(2);
  open();
  const sagas = await allCompleted(slow);
  expect(sagas.map(({ steps }) => steps[0]?.attempts)).toEqual(slow.map(() => 1));
});

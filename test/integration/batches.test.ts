import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import type { Runner, SqlClient } from '../../src/index.ts';
import { NOTHING_TO_UNDO, TerminalError, createRunner, defineSaga, redisBackend } from '../../src/index.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const step = { execute: () => undefined, compensate: () => undefined };
const refused = {
  execute: () => {
    throw new TerminalError('no');
  },
  compensate: NOTHING_TO_UNDO,
};
const sagas = [
  defineSaga('FOUR', { input: z.object({}) })
    .step('A', step)
    .step('B', step)
    .step('C', step)
    .step('D', step),
  defineSaga('BROKEN', { input: z.object({}) })
    .step('A', step)
    .step('B', step)
    .step('C', refused)
    .step('D', step),
];

let database: TestDatabase;
let connection: Database;
let runner: Runner;
let counted: { readonly kind: 'statement' | 'transaction'; readonly values: readonly unknown[] }[] = [];

/** The client, and what was asked of it. The statements of a transaction are part of it. */
function counting(prisma: Database['prisma']): SqlClient {
  const count = <R>(values: readonly unknown[], ask: () => Promise<R>) => {
    counted.push({ kind: 'statement', values: values.flat() });
    return ask();
  };
  return {
    $queryRawUnsafe: (text, ...values) => count(values, () => prisma.$queryRawUnsafe(text, ...values)),
    $executeRawUnsafe: (text, ...values) => count(values, () => prisma.$executeRawUnsafe(text, ...values)),
    $transaction: (work, bounds) => {
      counted.push({ kind: 'transaction', values: [] });
      return prisma.$transaction(work, bounds);
    },
  };
}

beforeAll(async () => {
  database = await createTestDatabase();
  connection = connectPrisma(database.url);
  await connection.prisma.$queryRawUnsafe('SELECT 1');
  const queues = redisBackend({ url: testRedisUrl(), prefix: testPrefix() });
  runner = createRunner({ prisma: counting(connection.prisma), queues, sagas, log: pino({ level: 'silent' }) });
  await runner.work({ concurrency: 100 });
});
afterAll(async () => {
  await runner.close();
  await connection.close();
  await database.drop();
});
beforeEach(() => {
  counted = [];
});

async function runMany(type: string, count: number, status: string): Promise<readonly string[]> {
  const ids = await Promise.all(Array.from({ length: count }, async () => (await runner.start(type, {})).sagaId));
  const ended = `SELECT count(*)::int AS count FROM saga_state WHERE saga_id = ANY($1) AND status = $2`;
  const isOver = async () => (await database.sql.query<{ count: number }>(ended, [ids, status])).rows[0]?.count;
  await eventually(async () => (await isOver()) === count);
  return ids;
}

test('a lone saga of four steps costs its start, a check-in, and a record a step', async () => {
  const [sagaId] = await runMany('FOUR', 1, 'COMPLETED');
  expect(counted.filter(({ values }) => values.includes(sagaId))).toHaveLength(6);
});

test('sagas that run together cost less than one transaction each', async () => {
  const ids = new Set<unknown>(await runMany('FOUR', 300, 'COMPLETED'));
  expect(counted.filter(({ values }) => values.some((value) => ids.has(value))).length).toBeLessThan(300);
});

test('so do sagas that fail together and are undone', async () => {
  const ids = new Set<unknown>(await runMany('BROKEN', 300, 'COMPENSATED'));
  const statements = counted.filter(({ values }) => values.some((value) => ids.has(value)));
  const transactions = counted.filter(({ kind }) => kind === 'transaction');
  expect(transactions.length).toBeLessThan(300);
  expect(statements.length + transactions.length).toBeLessThan(600);
});

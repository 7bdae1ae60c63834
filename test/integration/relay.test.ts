import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { SqlClient } from '../../src/core/definition.ts';
import { redisBackend } from '../../src/queues/backend.ts';
import { EVENTS } from '../../src/queues/names.ts';
import { startRelay } from '../../src/recovery/relay.ts';
import { writeEvent } from '../../src/store/outbox.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { testRedisUrl } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

let engine: Engine;
let database: Database;

beforeAll(async () => {
  engine = await startEngine(() => [], { work: false });
  database = connectPrisma(engine.url);
  await database.prisma.$queryRawUnsafe('SELECT 1');
});
afterAll(async () => {
  await database.close();
  await engine.close();
});

const heard: string[] = [];
const hear = async ({ key }: { readonly key: string }) => void heard.push(key);

const write = (key: string) =>
  database.prisma.$transaction((tx) => writeEvent(tx, { name: 'told', key, payload: { key } }));
const noted = (column: 'relayed_at' | 'consumed_at', key: string) =>
  eventually(
    async () =>
      (await engine.sql.query(`SELECT 1 FROM outbox WHERE key = $1 AND ${column} IS NOT NULL`, [key])).rowCount,
    { timeoutMs: 30_000 },
  );

test('an event that vanished from the queue before anybody heard it is relayed again', async () => {
  const work = await engine.runner.work();
  const events = engine.runner.queues.list().find(({ name }) => name === EVENTS);
  await write('vanished');
  await noted('relayed_at', 'vanished');
  await events?.obliterate({ force: true });
  await engine.runner.consume({ told: hear });
  await noted('consumed_at', 'vanished');
  expect(heard).toEqual(['vanished']);
  await work.close();
});

test('an event whose relay ended between its add and its mark is added again, and heard once', async () => {
  await write('twice');
  let marks = 0;
  const backend = redisBackend({ url: testRedisUrl(), prefix: engine.prefix });
  const queue = backend.queue(EVENTS);
  const sql = failingOnce(() => (marks += 1));
  const relay = startRelay(sql, backend, [{ kind: 'events', queue }], pino({ level: 'silent' }));
  await noted('relayed_at', 'twice');
  await relay.close();
  expect(marks).toBe(2);
  await noted('consumed_at', 'twice');
  expect([heard, await queue.getWaitingCount()]).toEqual([['vanished', 'twice'], 0]);
  await queue.close();
  await backend.close();
});

/** The database, whose transaction is lost when the first mark is written. */
function failingOnce(onMark: () => number): SqlClient {
  const { prisma } = database;
  return {
    $queryRawUnsafe: (query, ...values) => prisma.$queryRawUnsafe(query, ...values),
    $executeRawUnsafe: (query, ...values) => prisma.$executeRawUnsafe(query, ...values),
    $transaction: (work, options) =>
      prisma.$transaction(
        (tx) =>
          work({
            $queryRawUnsafe: (query, ...values) => tx.$queryRawUnsafe(query, ...values),
            $executeRawUnsafe: (query, ...values) => {
              if (onMark() === 1) throw new Error('the connection is gone');
              return tx.$executeRawUnsafe(query, ...values);
            },
          }),
        options,
      ),
  };
}

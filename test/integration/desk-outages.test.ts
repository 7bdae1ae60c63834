import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import parking, { PARKING_TABLES } from '../fixtures/parking.ts';
import type { Resolution, SagaView, TaskView } from '../../src/store/views.ts';
import { eventually } from '../support/eventually.ts';
import type { OwnEngine } from '../support/own-engine.ts';
import { startOwnEngine } from '../support/own-engine.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';

// Servers are started and killed, which takes its time on a busy machine.
jest.setTimeout(120_000);

const PATIENTLY = { timeoutMs: 60_000 };
const by = { actor: 'olga', reason: 'looked it up' };
const secret = 'a secret of more than thirty-two characters';

let engine: OwnEngine;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  const webhooks = { urls: [receiver.url], secret, events: ['saga.parked', 'task.opened', 'saga.finished'] };
  engine = await startOwnEngine((prisma) => parking({ prisma }).sagas, { webhooks });
  for (const statement of PARKING_TABLES.split(';')) await engine.prisma.$executeRawUnsafe(statement);
});
afterAll(async () => {
  await engine.close();
  await receiver.close();
});

const until = (sagaId: string, condition: (saga: SagaView) => boolean) =>
  eventually(async () => {
    const saga = await engine.runner.get(sagaId);
    if (condition(saga)) return saga;
    throw new Error(`${saga.status}: ${JSON.stringify(saga.log)}`);
  }, PATIENTLY);

/** The open tasks of parked sagas. */
async function park(type: 'PARKING' | 'IN_DOUBT', count: number): Promise<readonly TaskView[]> {
  await engine.prisma.$executeRawUnsafe('TRUNCATE mended');
  const started = await Promise.all(Array.from({ length: count }, () => engine.runner.start(type, {})));
  const sagas = await Promise.all(started.map(({ sagaId }) => until(sagaId, ({ status }) => status === 'FAILED')));
  return sagas.flatMap(({ tasks }) => tasks);
}
const mend = () => engine.prisma.$executeRawUnsafe('INSERT INTO mended DEFAULT VALUES');
const actsOf = async (sagaId: string) => {
  const query = `SELECT what FROM act WHERE starts_with(key, $1) ORDER BY id`;
  const acts = await engine.prisma.$queryRawUnsafe<{ what: string }[]>(query, `${sagaId}:`);
  return acts.map(({ what }) => what);
};

async function wipeRedis(): Promise<void> {
  const redis = new Redis(engine.servers.redis.url);
  await redis.flushall();
  redis.disconnect();
}

/** What is resolved while Redis is wiped, what that comes to, and what the saga's code did in all. */
const WAYS = [
  { resolution: 'done', ends: 'COMPLETED', acts: ['A', 'B', 'C'] },
  { resolution: 'forward', ends: 'COMPLETED', acts: ['A', 'B', 'B', 'C'] },
  { resolution: 'undone', ends: 'COMPENSATED', acts: ['A', 'B', 'undo A'] },
  { resolution: 'abandon', ends: 'ABANDONED', acts: ['A', 'B'] },
] as const;
const resolve = (taskId: string, resolution: Resolution) =>
  engine.runner.resolve(taskId, resolution, { ...by, ...(resolution === 'done' ? { output: { refund: 'r1' } } : {}) });

test('Redis wiped amid notices, the retry of a group and resolutions: all come to their ends, and every notice is told', async () => {
  receiver.answer(500);
  const broken = await park('PARKING', 4);
  const inDoubt = await park('IN_DOUBT', WAYS.length);
  await mend();
  // What is told later is told by jobs that sleep in Redis.
  await eventually(() => receiver.told.length >= 16, PATIENTLY);
  const retry = await engine.runner.retryGroup(broken[0]?.fingerprint ?? '', by);
  const resolved = WAYS.map(({ resolution }, index) => resolve(inDoubt[index]?.id ?? '', resolution));
  await wipeRedis();
  await Promise.all(resolved);
  await eventually(async () => (await engine.runner.groupRetry(retry.id)).retried > 0, PATIENTLY);
  await wipeRedis();
  receiver.answer(204);
  await eventually(async () => (await engine.runner.groupRetry(retry.id)).status === 'finished', PATIENTLY);
  expect(await engine.runner.groupRetry(retry.id)).toMatchObject({ total: 4, retried: 4, skipped: 0 });
  for (const { sagaId } of broken) {
    const ended = await until(sagaId, ({ status }) => status === 'COMPENSATED');
    expect(ended.log.filter(({ event }) => event === 'compensation retried')).toHaveLength(1);
    expect(ended.log.filter(({ event }) => event === 'compensated').map(({ step }) => step)).toEqual(['B', 'A']);
  }
  for (const [index, { ends, acts }] of WAYS.entries()) {
    const { sagaId } = inDoubt[index] ?? { sagaId: '' };
    await until(sagaId, ({ status }) => status === ends);
    expect({ ends, acts: await actsOf(sagaId) }).toEqual({ ends, acts });
  }
  const unconsumed = `SELECT name FROM outbox WHERE consumed_at IS NULL`;
  await eventually(async () => (await engine.prisma.$queryRawUnsafe<unknown[]>(unconsumed)).length === 0, PATIENTLY);
  const written = await engine.prisma.$queryRawUnsafe<{ id: string }[]>(
    `SELECT payload->'notice'->>'id' AS id FROM outbox`,
  );
  expect(written).toHaveLength(24);
  expect(new Set(receiver.told.map(({ notice }) => notice.id))).toEqual(new Set(written.map(({ id }) => id)));
});

test('PostgreSQL killed in the middle of a resolution: it is said so, nothing was decided, and it can be said again', async () => {
  const [task] = await park('IN_DOUBT', 1);
  if (!task) throw new Error('none');
  const { sagaId } = task;
  const holder = new Client(engine.servers.postgres.url);
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM saga_state WHERE saga_id = $1 FOR UPDATE', [sagaId]);
  const refused = expect(resolve(task.id, 'done')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR%UPDATE%'`;
  await eventually(async () => (await engine.prisma.$queryRawUnsafe<unknown[]>(waiting)).length > 0);
  await engine.servers.postgres.kill();
  await refused;
  await engine.servers.postgres.start();
  await eventually(() => engine.runner.ping().then(() => true), PATIENTLY);
  expect(await engine.runner.task(task.id)).toMatchObject({ status: 'open' });
  await resolve(task.id, 'done');
  await until(sagaId, ({ status }) => status === 'COMPLETED');
  expect(await actsOf(sagaId)).toEqual(['A', 'B', 'C']);
});

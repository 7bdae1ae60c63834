import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga, manual, writeEvent } from '../../src/index.ts';
import { deleteOldAudit } from '../../src/store/audit.ts';
import { deleteOld } from '../../src/store/upkeep/cleanup.ts';
import { ownTables } from '../../src/store/in-schema.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { createSessionStore, deleteExpiredSessions } from '../../src/store/desk/sessions.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

const SCHEMA = 'backstep';
const by = { actor: 'ada', reason: 'testing' };
const fast = { backoffMs: 5, attempts: 1 };
const input = z.object({ id: z.string(), fail: z.boolean().optional() });
const unlessTold = ({ fail }: { fail?: boolean | undefined }) => {
  if (fail === true) throw new Error('told to fail');
};

/** Its tables are those of the application: unqualified, they are found in `public`. */
const sale = defineSaga('SALE', { input, subject: ({ id }) => id })
  .transaction('BOOK', {
    ...fast,
    execute: async ({ tx, input: { id } }) => {
      await tx.$executeRawUnsafe(`INSERT INTO outbox (theirs) VALUES (1)`);
      await writeEvent(tx, { name: 'sale.booked', key: `booked:${id}`, payload: { id } });
    },
    compensate: async ({ tx, input: { id } }) => {
      await tx.$executeRawUnsafe(`INSERT INTO outbox (theirs) VALUES (-1)`);
      await writeEvent(tx, { name: 'sale.unbooked', key: `unbooked:${id}`, payload: { id } });
    },
  })
  .wait('CONFIRM', {
    request: async ({ tx }) => void (await tx.$executeRawUnsafe(`INSERT INTO saga_signal (theirs) VALUES (1)`)),
    signal: z.object({ ok: z.literal(true) }),
    compensate: NOTHING_TO_UNDO,
  })
  .step('SHIP', { ...fast, execute: ({ input: order }) => unlessTold(order), compensate: NOTHING_TO_UNDO });

const byHand = defineSaga('BY_HAND', { input })
  .step('PAY', { ...fast, execute: () => undefined, compensate: manual('pay it back') })
  .step('SHIP', { ...fast, execute: ({ input: order }) => unlessTold(order), compensate: NOTHING_TO_UNDO });

let engine: Engine;
const consumed: string[] = [];

beforeAll(async () => {
  engine = await startEngine(() => [sale, byHand], { schema: SCHEMA });
  const consume = async ({ key }: { key: string }) => void consumed.push(key);
  await engine.runner.consume({ 'sale.booked': consume, 'sale.unbooked': consume });
});
afterAll(() => engine.close());

const theirs = async (table: string) => {
  const { rows } = await engine.sql.query<{ theirs: number }>(`SELECT theirs FROM public.${table}`);
  return rows.map((row) => row.theirs);
};

test("a saga runs beside an application's tables of the same names, and touches none of them", async () => {
  const { runner } = engine;
  const { sagaId } = await runner.start('SALE', { id: 'a' }, { idempotencyKey: 'a', actor: 'ada' });
  expect((await runner.start('SALE', { id: 'a' }, { idempotencyKey: 'a' })).created).toBe(false);
  await expect(runner.start('SALE', { id: 'a' })).rejects.toMatchObject({ code: 'SUBJECT_BUSY' });
  await engine.until(sagaId, (saga) => saga.currentStep === 'CONFIRM');
  await runner.signal(sagaId, 'CONFIRM', { ok: true }, { signalId: 's', actor: 'ada' });
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPLETED', state: { ok: true } });
  await eventually(() => consumed.includes('booked:a'));
  expect([await theirs('outbox'), await theirs('saga_signal')]).toEqual([[1], [1]]);
});

test('a saga that fails is undone, its transactional step in its own transaction', async () => {
  const { sagaId } = await engine.runner.start('SALE', { id: 'b', fail: true });
  await engine.until(sagaId, (saga) => saga.currentStep === 'CONFIRM');
  await engine.runner.signal(sagaId, 'CONFIRM', { ok: true });
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPENSATED', error: 'told to fail' });
  await eventually(() => consumed.includes('unbooked:b'));
  expect((await theirs('outbox')).reduce((sum, each) => sum + each, 0)).toBe(1);
  expect((await theirs('outbox')).length).toBe(3);
});

test('what people do is found, done and kept there', async () => {
  const { runner } = engine;
  const { sagaId } = await runner.start('BY_HAND', { id: 'c', fail: true });
  await engine.until(sagaId, ({ status }) => status === 'FAILED');
  const [task] = (await runner.tasks({ status: 'open' })).items;
  const [group] = await runner.taskGroups();
  if (!task || !group) throw new Error('no task');
  const retry = await runner.retryGroup(group.fingerprint, by);
  await eventually(async () => (await runner.groupRetry(retry.id)).finishedAt !== null);
  await runner.resolve(task.id, 'undone', by);
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPENSATED' });
  const cancelled = await runner.start('SALE', { id: 'd' });
  await runner.cancel(cancelled.sagaId, by);
  expect(await engine.ended(cancelled.sagaId)).toMatchObject({ status: 'CANCELLED' });
  expect((await runner.audit({ actor: 'ada' })).items.length).toBeGreaterThanOrEqual(4);
});

test('lists, counts and streams read there', async () => {
  const { runner } = engine;
  expect((await runner.list({ q: 'told', status: ['COMPENSATED'], limit: 10 })).items.length).toBeGreaterThan(0);
  expect((await runner.list({ type: 'SALE' })).items).toHaveLength(3);
  expect(await runner.metrics()).toMatchObject({ total: 4, running: 0 });
  expect((await runner.overview('1h')).series.length).toBeGreaterThan(0);
  expect(await runner.oldestReadyMs()).toBe(0);
  expect(await runner.figures()).toEqual({ unfinished: [], openTasks: [] });
});

test('recovery and clean-up work there', async () => {
  const { sagaId } = await engine.runner.start('SALE', { id: 'e' });
  await engine.until(sagaId, (saga) => saga.currentStep === 'CONFIRM');
  await engine.sql.query(`UPDATE backstep.saga_state SET timeout_at = now() - interval '1 day' WHERE saga_id = $1`, [
    sagaId,
  ]);
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'TIMEOUT' });
  const app = connectPrisma(engine.url);
  const { client } = ownTables(app.prisma, SCHEMA);
  const sessions = createSessionStore(client);
  await sessions.end({ sessionId: 'x', expiresAtMs: 0, actor: 'ada' });
  expect(await sessions.hasEnded('x')).toBe(true);
  expect(await deleteExpiredSessions(client, 10)).toBe(1);
  expect(await deleteOldAudit(client, -60_000, 100)).toBeGreaterThan(0);
  const deleted = await deleteOld(client, -60_000, 100);
  expect(deleted.sagas).toBe(5);
  expect(deleted.events).toBeGreaterThan(0);
  await app.close();
});

test('outside of a step an event is written where one says', async () => {
  const app = connectPrisma(engine.url);
  await app.prisma.$transaction((tx) =>
    writeEvent(tx, { name: 'sale.booked', key: 'outside', payload: {} }, { schema: SCHEMA }),
  );
  await eventually(() => consumed.includes('outside'));
  await expect(writeEvent(app.prisma, { name: 'sale.booked', key: 'lost', payload: {} })).rejects.toThrow(/name/);
  await app.close();
});

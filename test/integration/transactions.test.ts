import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DelayedError, type Job } from 'bullmq';
import { pino } from 'pino';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga, writeEvent } from '../../src/index.ts';
import { systemClock } from '../../src/clock.ts';
import { createRegistry } from '../../src/core/registry.ts';
import type { ProcessorContext } from '../../src/processors/context.ts';
import { createSlots } from '../../src/processors/slots.ts';
import { processStep } from '../../src/processors/step.ts';
import type { StepJob } from '../../src/queues/jobs.ts';
import { createJournal } from '../../src/store/journal/journal.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { ownTables } from '../../src/store/in-schema.ts';
import { createSagaStore } from '../../src/store/sagas/sagas.ts';
import { createVerdicts } from '../../src/store/sagas/verdicts.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

const input = z.object({ id: z.string() });
let gate: () => Promise<void> = async () => undefined;
let failAfterWrite = 0;
let failUndo = 0;

let engine: Engine;
let another: Database;

beforeAll(async () => {
  engine = await startEngine((db) => [
    defineSaga('LEDGER', { input, db })
      .transaction('BOOK', {
        backoffMs: 20,
        execute: async ({ tx, input: { id }, key }) => {
          await tx.$executeRawUnsafe(`INSERT INTO ledger (id, note) VALUES ($1, 'booked')`, id);
          await writeEvent(tx, { name: 'booked', key, payload: { id } });
          await gate();
          if ((failAfterWrite -= 1) >= 0) throw new Error('after the write');
          return { booked: id };
        },
        compensate: async ({ tx, output }) => {
          await tx.$executeRawUnsafe(`INSERT INTO ledger (id, note) VALUES ($1, 'unbooked')`, output.booked);
          if ((failUndo -= 1) >= 0) throw new Error('after the undo');
        },
      })
      .step('AFTER', {
        attempts: 1,
        execute: ({ input: { id } }) => {
          if (id.startsWith('bad')) throw new Error('bad');
        },
        compensate: NOTHING_TO_UNDO,
      }),
  ]);
  another = connectPrisma(engine.url);
  await another.prisma.$queryRawUnsafe('SELECT 1');
  await another.prisma.$executeRawUnsafe('CREATE TABLE ledger (id text, note text)');
});
afterAll(async () => {
  await another.close();
  await engine.close();
});

/** Transactions of steps that are open, by their advisory locks. */
const heldTurns = async () =>
  (
    await engine.sql.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 5283672
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
  ).rowCount ?? 0;
const notes = async (id: string) =>
  (await engine.sql.query<{ note: string }>('SELECT note FROM ledger WHERE id = $1', [id])).rows.map(
    ({ note }) => note,
  );
const events = async (id: string) =>
  (await engine.sql.query(`SELECT 1 FROM outbox WHERE payload->>'id' = $1`, [id])).rowCount;

test('the writes of an attempt that failed are gone, and its event with them', async () => {
  failAfterWrite = 3;
  const { sagaId } = await engine.runner.start('LEDGER', { id: 'rolled-back' });
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPENSATED', error: 'after the write' });
  expect([await notes('rolled-back'), await events('rolled-back')]).toEqual([[], 0]);
});

test('the step is written once when it succeeds at its third attempt', async () => {
  failAfterWrite = 2;
  const { sagaId } = await engine.runner.start('LEDGER', { id: 'third' });
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
  expect([await notes('third'), await events('third')]).toEqual([['booked'], 1]);
});

test('a compensation commits with its record, or not at all', async () => {
  failUndo = 2;
  const { sagaId } = await engine.runner.start('LEDGER', { id: 'bad-undo' });
  expect((await engine.ended(sagaId)).status).toBe('COMPENSATED');
  expect(await notes('bad-undo')).toEqual(['booked', 'unbooked']);
});

test('two copies of one step running at once write once', async () => {
  let copies = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  gate = async () => {
    copies += 1;
    await opened;
  };
  const { sagaId } = await engine.runner.start('LEDGER', { id: 'twice' });
  await eventually(() => copies === 1);
  // The second copy: the same job, given to another worker while the first still runs.
  const data: StepJob = { sagaId, type: 'LEDGER', generation: 1, stepIndex: 0, step: 'BOOK' };
  let delays = 0;
  const job = { data, moveToDelayed: async () => void (delays += 1) } as Partial<Job> as Job<StepJob>;
  await expect(processStep(copyContext(), job, 'token')).rejects.toThrow(DelayedError);
  expect(delays).toBe(1);
  open();
  gate = async () => undefined;
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
  expect([await notes('twice'), await events('twice'), copies]).toEqual([['booked'], 1, 1]);
});

test('a cancel does not wait for the transaction of a running step, and nothing of that stays', async () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let inside = false;
  gate = async () => {
    inside = true;
    await opened;
  };
  const { sagaId } = await engine.runner.start('LEDGER', { id: 'cancelled' });
  await eventually(() => inside);
  const cancelled = await engine.runner.cancel(sagaId, { actor: 'test', reason: 'in the middle' });
  expect(cancelled.status).toBe('CANCELLED');
  gate = async () => undefined;
  open();
  // Its transaction ends when the turn can be had again.
  await eventually(async () => (await heldTurns()) === 0);
  expect([await notes('cancelled'), await events('cancelled')]).toEqual([[], 0]);
  expect(await engine.runner.get(sagaId)).toMatchObject({ status: 'CANCELLED', tasks: [] });
});

test('progress updates stay HOT', async () => {
  const sagas = await Promise.all(
    Array.from({ length: 50 }, (_, n) => engine.runner.start('LEDGER', { id: `hot-${n}` })),
  );
  await Promise.all(sagas.map(({ sagaId }) => engine.ended(sagaId)));
  const hot = await eventually(async () => {
    const { rows } = await engine.sql.query<{ updates: number; hot: number }>(
      `SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'saga_state'`,
    );
    return rows[0] && rows[0].updates > 150 ? rows[0] : false;
  });
  // Of a saga's updates only the last one touches an index: the saga is finished.
  expect(hot.hot / hot.updates).toBeGreaterThan(0.5);
});

/** What another process would run the step with. */
function copyContext(): ProcessorContext {
  const { prisma } = another;
  const own = ownTables(prisma, engine.schema);
  const sql = own.client;
  const registry = createRegistry([...engine.runner.definitions.values()]);
  const sagas = createSagaStore(sql, registry);
  return {
    registry,
    sagas,
    sql,
    prisma,
    ownIn: own.in,
    clock: systemClock,
    journal: createJournal(sql),
    verdicts: createVerdicts(sagas),
    log: pino({ level: 'silent' }),
    meter: { note: () => undefined },
    outputLimitBytes: 1_000,
    stopping: new AbortController().signal,
    transactions: createSlots(10, new AbortController().signal),
    onEventsWritten: () => undefined,
  } as Partial<ProcessorContext> as ProcessorContext;
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga } from '../../src/index.ts';
import { deleteEvents, deleteOld, deleteSagas } from '../../src/store/upkeep/cleanup.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

const DAY_MS = 24 * 3_600_000;
let engine: Engine;
let database: Database;

const saga = defineSaga('SHORT_LIVED', { input: z.object({}) }).step('ONE', {
  execute: () => undefined,
  compensate: NOTHING_TO_UNDO,
});

beforeAll(async () => {
  engine = await startEngine(() => [saga]);
  database = connectPrisma(engine.url);
  await database.prisma.$queryRawUnsafe('SELECT 1');
});
afterAll(async () => {
  await database.close();
  await engine.close();
});

async function finished(endedDaysAgo: number): Promise<string> {
  const { sagaId } = await engine.runner.start('SHORT_LIVED', {});
  await engine.ended(sagaId);
  await engine.sql.query(
    `UPDATE saga_state SET completed_at = completed_at - $2 * interval '1 day' WHERE saga_id = $1`,
    [sagaId, endedDaysAgo],
  );
  return sagaId;
}

test('what ended before the retention goes with all its rows; what is younger or has an open task stays', async () => {
  const [old, young, tasked] = [await finished(31), await finished(29), await finished(31)];
  await engine.sql.query(`INSERT INTO saga_log (saga_id, event) VALUES ($1, 'attempt failed')`, [old]);
  await engine.sql.query(
    `INSERT INTO operator_task (saga_id, saga_type, step, kind, message)
     VALUES ($1, 'SHORT_LIVED', 'ONE', 'LATE_RESULT', 'look')`,
    [tasked],
  );
  expect(await deleteOld(database.prisma, 30 * DAY_MS, 10)).toEqual({ sagas: 1, events: 0 });
  const { rows } = await engine.sql.query<{ saga_id: string }>('SELECT saga_id FROM saga_state ORDER BY id');
  expect(rows.map(({ saga_id: sagaId }) => sagaId)).toEqual([young, tasked]);
  for (const table of ['saga_step', 'saga_log'])
    expect((await engine.sql.query(`SELECT 1 FROM ${table} WHERE saga_id = $1`, [old])).rowCount).toBe(0);
});

test('events that were relayed before the retention go; those that were not stay', async () => {
  await engine.sql.query(`
    INSERT INTO outbox (name, key, payload, relayed_at) VALUES
      ('e', 'old', '{}', now() - interval '31 days'), ('e', 'young', '{}', now()), ('e', 'unsent', '{}', NULL)`);
  expect((await deleteOld(database.prisma, 30 * DAY_MS, 10)).events).toBe(1);
});

test('what has not ended stays, whatever its row says of when it did', async () => {
  const ids = await Promise.all(['RUNNING', 'COMPENSATING', 'FAILED'].map(() => finished(365)));
  await engine.sql.query(
    `UPDATE saga_state SET status = (ARRAY['RUNNING', 'COMPENSATING', 'FAILED'])[array_position($1, saga_id)],
    timeout_at = now() + interval '1 day' WHERE saga_id = ANY($1)`,
    [ids],
  );
  expect((await deleteOld(database.prisma, 30 * DAY_MS, 10)).sagas).toBe(0);
  await engine.sql.query(`UPDATE saga_state SET status = 'COMPLETED' WHERE saga_id = ANY($1)`, [ids]);
  expect((await deleteOld(database.prisma, 30 * DAY_MS, 10)).sagas).toBe(3);
});

test('processes that clean at the same time delete each saga once, and none waits for another', async () => {
  await fill(40);
  const holder = await engine.sql.connect();
  try {
    await holder.query('BEGIN');
    const held = `SELECT saga_id FROM saga_state WHERE saga_id LIKE 'many-%' ORDER BY completed_at LIMIT 10 FOR UPDATE`;
    await holder.query(held);
    const deleted = await Promise.all(Array.from({ length: 4 }, () => deleteOld(database.prisma, 30 * DAY_MS, 10)));
    expect(deleted.map(({ sagas }) => sagas).reduce((sum, sagas) => sum + sagas)).toBe(30);
    expect(Math.max(...deleted.map(({ sagas }) => sagas))).toBeLessThanOrEqual(10);
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  expect((await deleteOld(database.prisma, 30 * DAY_MS, 100)).sagas).toBe(10);
});

test('what a batch costs does not depend on how much there is', async () => {
  await fill(20_000);
  await engine.sql.query(`INSERT INTO saga_log (saga_id, event) SELECT saga_id, 'saga started' FROM saga_state`);
  await engine.sql.query(`INSERT INTO outbox (name, key, payload, relayed_at)
    SELECT 'e', 'many ' || i, '{}', now() FROM generate_series(1, 20000) AS i`);
  await engine.sql.query('VACUUM ANALYZE');
  for (const statement of [deleteSagas(10), deleteEvents(10)]) {
    const plan = await genericPlanOf(statement);
    expect(plan).not.toMatch(/Seq Scan on (saga_state|saga_log|outbox)/);
    expect(plan).toMatch(/Index Scan/);
  }
});

/** Sagas that ended long ago. */
async function fill(count: number): Promise<void> {
  await engine.sql.query(
    `INSERT INTO saga_state (saga_id, saga_type, current_step, status, definition, input, timeout_at, completed_at, updated_at)
     SELECT 'many-' || gen_random_uuid(), 'SHORT_LIVED', 'ONE', 'COMPLETED', ARRAY['ONE'], '{}', '2026-01-01',
       now() - interval '40 days', '2026-01-01'
     FROM generate_series(1, $1::int)`,
    [count],
  );
}

/** The plan for any retention: a prepared statement that is run often gets it. */
async function genericPlanOf(statement: string): Promise<string> {
  const connection = await engine.sql.connect();
  try {
    await connection.query('SET plan_cache_mode = force_generic_plan');
    await connection.query(`PREPARE old AS ${statement}`);
    const { rows } = await connection.query<{ 'QUERY PLAN': string }>('EXPLAIN EXECUTE old(0)');
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    connection.release(true);
  }
}

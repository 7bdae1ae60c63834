import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga } from '../../src/index.ts';
import { deleteOld } from '../../src/store/cleanup.ts';
import type { Database } from '../../src/store/prisma.ts';
import { connectPrisma } from '../../src/store/prisma.ts';
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

test('what ended before the retention goes with all its rows; what is younger, unfinished or has an open task stays', async () => {
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

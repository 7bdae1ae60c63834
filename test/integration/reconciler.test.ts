import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Job } from 'bullmq';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga } from '../../src/index.ts';
import { SUSPECT_STATEMENTS } from '../../src/store/upkeep/suspects.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

const ASLEEP = 20_000;
const FINISHED = 50_000;

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => [
    defineSaga('ASKING', { input: z.object({}) }).wait('ANSWER', {
      request: () => undefined,
      signal: z.object({}),
      timeoutMs: 3_600_000,
      compensate: NOTHING_TO_UNDO,
    }),
    defineSaga('BRIEF', { input: z.object({}), timeoutMs: 1_000 }).wait('ANSWER', {
      request: () => undefined,
      signal: z.object({}),
      timeoutMs: 3_600_000,
      compensate: NOTHING_TO_UNDO,
    }),
  ]);
});
afterAll(() => engine.close());

async function startAsleep(type = 'ASKING'): Promise<string> {
  const { sagaId } = await engine.runner.start(type, {});
  await eventually(async () => {
    const { rowCount } = await engine.sql.query(
      'SELECT 1 FROM saga_state WHERE saga_id = $1 AND wait_until IS NOT NULL',
      [sagaId],
    );
    return rowCount === 1;
  });
  return sagaId;
}

/** Takes a saga's jobs away, so that its answer wakes nobody. */
async function loseJobs(sagaId: string): Promise<void> {
  const steps = engine.runner.queues.list().find(({ name }) => name === 'saga-steps');
  const root = (await steps?.getJob(`${sagaId}.g1.ANSWER`)) as Job | undefined;
  await root?.remove({ removeChildren: true });
}

test('an answer whose step lost its job is taken all the same', async () => {
  const sagaId = await startAsleep();
  await loseJobs(sagaId);
  await engine.runner.signal(sagaId, 'ANSWER', {});
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
});

test('while another process reconciles, this one does not; when that one is gone, it does', async () => {
  const owner = await engine.sql.connect();
  const sagaId = await startAsleep();
  try {
    await owner.query('SELECT pg_advisory_lock(5283671)');
    await loseJobs(sagaId);
    await engine.runner.signal(sagaId, 'ANSWER', {});
    const overslept = `SELECT 1 FROM saga_state WHERE saga_id = $1
      AND wait_until < timezone('utc', now()) - interval '3 seconds' AND status = 'RUNNING'`;
    await eventually(async () => (await engine.sql.query(overslept, [sagaId])).rowCount === 1);
  } finally {
    // As if its process had died.
    owner.release(true);
  }
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
});

test('an overdue saga whose row somebody holds keeps no other from being mended', async () => {
  const holder = await engine.sql.connect();
  const held = await startAsleep('BRIEF');
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM saga_state WHERE saga_id = $1 FOR UPDATE', [held]);
    const late = `SELECT 1 FROM saga_state WHERE saga_id = $1 AND timeout_at < timezone('utc', now())`;
    await eventually(async () => (await engine.sql.query(late, [held])).rowCount === 1);
    const sagaId = await startAsleep();
    await loseJobs(sagaId);
    await engine.runner.signal(sagaId, 'ANSWER', {});
    expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
    expect((await engine.runner.get(held)).status).toBe('RUNNING');
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  expect((await engine.ended(held)).status).toBe('TIMEOUT');
});

test('sagas that are finished or asleep cost a sweep nothing', async () => {
  const insert = `
    INSERT INTO saga_state (saga_id, saga_type, current_step, status, definition, input, timeout_at, wait_until, completed_at,
      updated_at)
    SELECT 'asking-' || gen_random_uuid(), 'ASKING', 'ANSWER', $2, ARRAY['ANSWER'], '{}', now() + interval '1 day',
      $3::timestamp, $4::timestamp, now() - interval '1 hour'
    FROM generate_series(1, $1::int)`;
  await engine.sql.query(insert, [FINISHED, 'COMPLETED', null, '2026-01-01']);
  await engine.sql.query(insert, [ASLEEP, 'RUNNING', '2099-01-01', null]);
  await engine.sql.query('VACUUM ANALYZE saga_state');
  for (const name of ['quiet', 'overslept', 'overdue'] as const) {
    const plan = await planOf(SUSPECT_STATEMENTS[name]);
    expect(plan).toMatch(/Index Scan using saga_state_(awake|asleep|deadline)_idx/);
    expect(plan).not.toMatch(/Seq Scan/);
    expect(buffersOf(plan)).toBeLessThan(50);
  }
});

async function planOf(statement: string): Promise<string> {
  const { rows } = await engine.sql.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN (ANALYZE, BUFFERS) ${statement.replace('$1::bigint', '0')}`,
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** Pages that the query touched as it ran; planning it is another line, at the end. */
function buffersOf(plan: string): number {
  const [line = ''] = /Buffers:.*/.exec(plan) ?? [];
  return [...line.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, pages]) => sum + Number(pages), 0);
}

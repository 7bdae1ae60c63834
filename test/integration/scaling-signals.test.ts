import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Signals } from '../../src/autoscaling/signals.ts';
import { readSignals } from '../../src/autoscaling/signals.ts';
import { defineSaga, NOTHING_TO_UNDO, TerminalError } from '../../src/index.ts';
import { OLDEST_READY } from '../../src/store/reads/oldest-ready.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

/** What is held goes on when its engine is closed. */
let letGo = (): void => undefined;
let held: Promise<void>;
const input = z.object({});
const sagas = [
  defineSaga('HELD', { input }).step('HOLD', { execute: () => held, compensate: NOTHING_TO_UNDO }),
  defineSaga('RESTING', { input }).step('FAIL', {
    backoffMs: 200_000,
    execute: () => Promise.reject(new Error('not yet')),
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('ASLEEP', { input }).wait('ANSWER', {
    request: () => undefined,
    signal: input,
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('UNDONE', { input })
    .step('PAY', { execute: () => undefined, compensate: () => held })
    .step('SHIP', { execute: () => Promise.reject(new TerminalError('no')), compensate: NOTHING_TO_UNDO }),
];

const start = (engine: Engine, type: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => engine.runner.start(type, {})));
const signalsBecome = (engine: Engine, expected: Partial<Signals>) =>
  eventually(async () => {
    const signals = await readSignals(engine.runner);
    expect(signals).toMatchObject(expected);
    return signals;
  });

describe.each(['redis', 'postgres'] as const)('with the queues in %s', (backend) => {
  let [idle, busy]: Engine[] = [];

  beforeAll(async () => {
    held = new Promise((resolve) => (letGo = resolve));
    [idle, busy] = [
      await startEngine(() => sagas, { backend, work: false }),
      await startEngine(() => sagas, { backend }),
    ];
  });
  afterAll(async () => {
    letGo();
    await Promise.all([idle?.close(), busy?.close()]);
  });
  const engines = () => {
    if (!idle || !busy) throw new Error('no engines');
    return { idle, busy };
  };

  test('where no worker is, what was started waits, and is later with time', async () => {
    const { idle } = engines();
    expect(await readSignals(idle.runner)).toEqual({
      backlog: 0,
      active: 0,
      waiting: 0,
      oldestReadyMs: 0,
      workers: 0,
    });
    await start(idle, 'HELD', 3);
    const { oldestReadyMs } = await signalsBecome(idle, { backlog: 3, active: 0, waiting: 3, workers: 0 });
    await eventually(async () => (await readSignals(idle.runner)).oldestReadyMs > oldestReadyMs);
  });

  test('a delayed job that is due counts though no worker has promoted it, one that is not does not', async () => {
    const { idle } = engines();
    const [steps] = idle.runner.queues.list();
    const { backlog } = await readSignals(idle.runner);
    await steps?.add('due', {}, { delay: 20 });
    await steps?.add('not due', {}, { delay: 3_600_000 });
    await signalsBecome(idle, { backlog: backlog + 1 });
  });

  test('what waits at the limit of its queue is not for another worker to take', async () => {
    const { idle, busy } = engines();
    const [steps] = idle.runner.queues.list();
    await start(idle, 'HELD', 3);
    await steps?.setGlobalConcurrency(2);
    // Where none runs, one is let through.
    await signalsBecome(idle, { backlog: 1, active: 0, waiting: 0 });
    await steps?.removeGlobalConcurrency();

    const [limited] = busy.runner.queues.list();
    await limited?.setGlobalConcurrency(1);
    await start(busy, 'HELD', 4);
    await signalsBecome(busy, { backlog: 1, active: 1, waiting: 0 });
    await limited?.removeGlobalConcurrency();
    await signalsBecome(busy, { backlog: 4, active: 4, waiting: 0 });
  });

  test('steps and compensations that run are active, and not ready any more', async () => {
    const { busy } = engines();
    const undone = await start(busy, 'UNDONE', 2);
    await Promise.all(undone.map(({ sagaId }) => busy.until(sagaId, ({ status }) => status === 'COMPENSATING')));
    await signalsBecome(busy, { backlog: 6, active: 6, waiting: 0, oldestReadyMs: 0, workers: 1 });
  });

  test('a step that rests before its next attempt, and one that waits for an answer, need nobody', async () => {
    const { busy } = engines();
    const [[resting], [asleep]] = [await start(busy, 'RESTING', 1), await start(busy, 'ASLEEP', 1)];
    await busy.until(resting?.sagaId ?? '', ({ retryCount }) => retryCount === 1);
    await busy.until(asleep?.sagaId ?? '', ({ waitUntil }) => waitUntil !== null);
    await signalsBecome(busy, { backlog: 6, active: 6, oldestReadyMs: 0 });
  });
});

test('what is finished or asleep costs nothing: only the ready sagas are read', async () => {
  const engine = await startEngine(() => sagas, { work: false });
  const fill = (status: string, count: number, waitUntil: string | null) =>
    engine.sql.query(
      `INSERT INTO saga_state (saga_id, saga_type, current_step, status, definition, wait_until)
       SELECT gen_random_uuid(), 'HELD', 'HOLD', $1, ARRAY['HOLD'], $3::timestamp FROM generate_series(1, $2::int)`,
      [status, count, waitUntil],
    );
  await fill('COMPLETED', 5_000, null);
  await fill('RUNNING', 2_000, '2099-01-01');
  await fill('COMPENSATING', 100, null);
  await fill('RUNNING', 1_000, null);
  await engine.sql.query(
    `INSERT INTO saga_step (saga_id, step_index, name, status)
     SELECT saga_id, step, 'S' || step, 'DONE' FROM saga_state, generate_series(0, 3) AS step`,
  );
  await engine.sql.query('ANALYZE');
  const { rows } = await engine.sql.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, COSTS OFF) ${OLDEST_READY}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/saga_state_awake_idx.*rows=500(\.00)? /);
  expect(plan).toMatch(/saga_step_pkey.*loops=100\)/);
  expect(plan).not.toMatch(/Rows Removed|Seq Scan|hashed/);
  await engine.close();
});

test('queues that are away are said to be', async () => {
  const away = await startEngine(() => sagas, { redisUrl: 'redis://127.0.0.1:1', work: false });
  await expect(readSignals(away.runner)).rejects.toMatchObject({ code: 'QUEUES_UNAVAILABLE' });
  await away.close();
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import { NOTHING_TO_UNDO } from '../../src/core/definition.ts';
import { overview as overviewSchema, queueView, sagaJob } from '../../src/http/views/desk.ts';
import type { QueueView } from '../../src/queues/queue-counts.ts';
import type { SagaJob } from '../../src/queues/saga-jobs.ts';
import type { Runner } from '../../src/runner/interface.ts';
import { WINDOWS } from '../../src/store/reads/overview.ts';
import type { Overview, OverviewWindow } from '../../src/store/views.ts';
import { checkedApp } from '../support/checked-app.ts';
import { eventually } from '../support/eventually.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { expectProblem } from '../support/http.ts';

/** Resolves when A of LONG may end. */
let release: () => void = () => undefined;
const step = { execute: () => undefined, compensate: NOTHING_TO_UNDO };

const sagas = [
  defineSaga('LONG', { input: z.object({}) })
    .step('A', { execute: () => new Promise<void>((resolve) => (release = resolve)), compensate: NOTHING_TO_UNDO })
    .step('B', { ...step, limits: { concurrency: 1 } }),
  defineSaga('STUCK', { input: z.object({}) })
    .step('PAY', { ...step, compensate: () => Promise.reject(new Error('no')), attempts: 1 })
    .step('SHIP', { ...step, attempts: 1, execute: () => Promise.reject(new Error('no')) }),
];

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine(() => sagas);
});
afterAll(() => engine.close());

const get = (path: string, runner: Runner = engine.runner) =>
  request(checkedApp({ runner, log: pino({ level: 'silent' }) })).get(path);

const jobsOf = async (sagaId: string) => {
  const { body } = await get(`/api/sagas/${sagaId}/jobs`).expect(200);
  return (body as { items: unknown[] }).items.map((item) => sagaJob.parse(item));
};
const told = (jobs: readonly SagaJob[]) => jobs.map(({ queue, step: name, kind, state }) => [queue, name, kind, state]);

describe('the jobs of a saga', () => {
  test('are those that are in the queues now, with their states', async () => {
    const { sagaId } = await engine.runner.start('LONG', {});
    await eventually(async () => (await jobsOf(sagaId))[0]?.state === 'active');
    expect(told(await jobsOf(sagaId))).toEqual([
      ['saga-steps', 'A', 'step', 'active'],
      ['saga-steps.LONG.B', 'B', 'step', 'waiting-children'],
    ]);
    release();
    await engine.ended(sagaId);
    await eventually(async () => (await jobsOf(sagaId)).every(({ state }) => state === 'completed'));
    for (const { queue, id } of await jobsOf(sagaId)) {
      const found = engine.runner.queues.list().find(({ name }) => name === queue);
      expect(await found?.getJob(id)).toBeDefined();
    }
  });

  test('are those of a compensation that failed, too', async () => {
    const { sagaId } = await engine.runner.start('STUCK', {});
    await engine.ended(sagaId);
    await eventually(async () =>
      (await jobsOf(sagaId)).some(
        ({ kind, step: name, state }) => kind === 'compensation' && name === 'PAY' && state === 'failed',
      ),
    );
  });

  test('of a saga that there is not are refused', async () => {
    expectProblem(await get('/api/sagas/none/jobs'), 404, 'UNKNOWN_SAGA');
  });
});

test('the queues are told with their jobs and workers', async () => {
  const { body } = await get('/api/queues').expect(200);
  const items = (body as { items: unknown[] }).items.map((item) => queueView.parse(item));
  expect(items.map(({ name }) => name)).toEqual(engine.runner.queues.list().map(({ name }) => name));
  const steps = items.find(({ name }) => name === 'saga-steps');
  expect(steps).toMatchObject({ paused: false, workers: 1, active: 0 });
  const queue = engine.runner.queues.list().find(({ name }) => name === 'saga-outcomes');
  await queue?.pause();
  await eventually(async () => {
    const { body: now } = await get('/api/queues');
    return (now as { items: QueueView[] }).items.find(({ name }) => name === 'saga-outcomes')?.paused;
  });
  await queue?.resume();
});

describe('the overview', () => {
  const ask = async (window: OverviewWindow, runner?: Runner) => {
    const { body } = await get(`/api/admin/overview?window=${window}`, runner).expect(200);
    overviewSchema.parse(body);
    return body as Overview;
  };

  test('counts what there is, and cuts what ended into equal buckets', async () => {
    const own = await startEngine(() => sagas, { work: false });
    try {
      await own.sql.query(`
        INSERT INTO saga_state (saga_id, saga_type, status, current_step, definition, completed_at)
        SELECT status || '-' || i, 'LONG', status, 'A', '{A}',
          CASE WHEN ended THEN timezone('utc', now()) - ago END
        FROM generate_series(1, 3) AS i, (VALUES
          ('COMPLETED', true, interval '0'), ('COMPLETED_', true, interval '40 minutes'), ('TIMEOUT', true, interval '40 minutes'),
          ('ABANDONED', true, interval '30 days'), ('FAILED', false, null), ('RUNNING', false, null)) AS kind(status, ended, ago)`);
      await own.sql.query(`UPDATE saga_state SET status = 'COMPLETED' WHERE status = 'COMPLETED_'`);
      await own.sql.query(`
        INSERT INTO operator_task (saga_id, saga_type, step, kind, message, fingerprint)
        VALUES ('FAILED-1', 'LONG', 'A', 'MANUAL_COMPENSATION', 'x', 'y')`);
      for (const [window, { bucketMs, buckets }] of Object.entries(WINDOWS)) {
        const overview = await ask(window as OverviewWindow, own.runner);
        const { counts, series } = overview;
        expect(counts).toMatchObject({ COMPLETED: 6, TIMEOUT: 3, ABANDONED: 3, FAILED: 3, RUNNING: 3, CANCELLED: 0 });
        expect(overview).toMatchObject({ parked: 3, openTasks: 1, workers: 0, backlog: 0, failureRate: 1 / 3 });
        expect(overview.parkedSagas.map(({ sagaId }) => sagaId)).toEqual(['FAILED-3', 'FAILED-2', 'FAILED-1']);
        expect(series).toHaveLength(buckets);
        const times = series.map(({ at }) => Date.parse(at));
        expect(times.slice(1).map((time, index) => time - (times[index] ?? 0))).toEqual(
          times.slice(1).map(() => bucketMs),
        );
        const total = (part: 'completed' | 'failed') => series.reduce((sum, point) => sum + point[part], 0);
        expect([total('completed'), total('failed')]).toEqual([6, 3]);
      }
    } finally {
      await own.close();
    }
  });

  test.each(['window=2h', 'window=', 'windows=1h'])('%s is refused', async (query) => {
    expectProblem(await get(`/api/admin/overview?${query}`), 422, 'INVALID_REQUEST');
  });
});

describe('while the queues are away', () => {
  let own: Engine;
  beforeAll(async () => {
    own = await startEngine(() => sagas, { work: false, redisUrl: 'redis://127.0.0.1:1' });
  });
  afterAll(() => own.close());

  test('the overview has what PostgreSQL knows; queues and jobs are refused', async () => {
    const { sagaId } = await own.runner.start('LONG', {});
    const { body } = await get('/api/admin/overview', own.runner).expect(200);
    expect(body).toMatchObject({ workers: null, backlog: null, counts: { RUNNING: 1 } });
    const away = await get('/api/queues', own.runner);
    expectProblem(away, 503, 'QUEUES_UNAVAILABLE');
    expect(away.body).toMatchObject({ detail: expect.stringContaining('No connection to Redis') as unknown });
    expectProblem(await get(`/api/sagas/${sagaId}/jobs`, own.runner), 503, 'QUEUES_UNAVAILABLE');
  });
});

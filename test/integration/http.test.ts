import { pino } from 'pino';
import request, { type Response } from 'supertest';
import { z } from 'zod';
import { sagaView, taskView } from '../../src/http/views.ts';
import {
  createRunner,
  defineSaga,
  manual,
  NOTHING_TO_UNDO,
  redisBackend,
  TerminalError,
  type Runner,
  type SagaView,
  type TaskView,
} from '../../src/index.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { checkedApp } from '../support/checked-app.ts';
import { testPrefix, testRedisUrl } from '../support/database.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { errorsOf, expectProblem } from '../support/http.ts';

const log = pino({ level: 'silent' });
const nobody = { backoffMs: 10, attempts: 1 };
const fail = () => Promise.reject(new TerminalError('no'));
/** Whether the compensation of BROKEN works. */
const repaired = { yes: false };

const sagas = [
  defineSaga('PLAIN', {
    input: z.object({ amount: z.number().positive(), items: z.array(z.string()).optional() }),
  }).step('ONLY', { execute: ({ input }) => ({ doubled: input.amount * 2 }), compensate: NOTHING_TO_UNDO }),
  defineSaga('WAITING', { input: z.object({ device: z.string() }), subject: ({ device }) => device }).wait('ANSWER', {
    request: () => undefined,
    signal: z.object({ deviceId: z.string() }),
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('BY_HAND', { input: z.object({}) })
    .step('PAY', { execute: () => ({ paid: true }), compensate: manual('Give the money back') })
    .step('SHIP', { execute: fail, compensate: NOTHING_TO_UNDO }),
  defineSaga('BROKEN', { input: z.object({}) })
    .step('PAY', {
      ...nobody,
      execute: () => ({ paid: true }),
      compensate: () => (repaired.yes ? undefined : Promise.reject(new Error('provider down'))),
    })
    .step('SHIP', { execute: fail, compensate: NOTHING_TO_UNDO }),
];

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => sagas);
});
afterAll(() => engine.close());

const appOf = (runner: Runner) => checkedApp({ runner, log });
const api = () => request(appOf(engine.runner));
const start = (type: string, input: object) => api().post(`/api/sagas/${type}`).send(input);
const sagaIdOf = (response: Response) => (response.body as { sagaId: string }).sagaId;

async function started(type: string, input: object): Promise<string> {
  const response = await start(type, input);
  expect(response.status).toBe(202);
  return sagaIdOf(response);
}

async function openTask(sagaId: string): Promise<TaskView> {
  const { body } = await api().get('/api/tasks?status=open&limit=200');
  const task = (body as { items: TaskView[] }).items.find((item) => item.sagaId === sagaId);
  if (task === undefined) throw new Error(`No open task of ${sagaId}`);
  return taskView.parse(task);
}

describe('a saga', () => {
  test('is accepted at once, runs, and is shown where Location says', async () => {
    const accepted = await start('PLAIN', { amount: 21 });
    expect(accepted.status).toBe(202);
    expect(accepted.body).toEqual({ sagaId: sagaIdOf(accepted), status: 'RUNNING' });
    await engine.ended(sagaIdOf(accepted));
    const shown = await api().get(String(accepted.headers['location']));
    expect(sagaView.parse(shown.body)).toMatchObject({ status: 'COMPLETED', state: { amount: 21, doubled: 42 } });
    expect((shown.body as SagaView).steps).toMatchObject([{ name: 'ONLY', status: 'DONE', attempts: 1 }]);
  });

  test('is one for one idempotency key; another request with the key is refused', async () => {
    const key = { 'idempotency-key': 'order-4711' };
    const [first, again] = [await start('PLAIN', { amount: 1 }).set(key), await start('PLAIN', { amount: 1 }).set(key)];
    expect(again.status).toBe(202);
    expect(sagaIdOf(again)).toBe(sagaIdOf(first));
    expectProblem(await start('PLAIN', { amount: 2 }).set(key), 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  test('is refused with a pointer for every field its definition refuses', async () => {
    const response = await start('PLAIN', { amount: -1, items: ['a', 2] });
    expectProblem(response, 422, 'INVALID_INPUT');
    expect(errorsOf(response)).toMatchObject([
      { in: 'body', pointer: '/amount' },
      { in: 'body', pointer: '/items/1' },
    ]);
    expectProblem(await start('NOTHING', {}), 404, 'UNKNOWN_SAGA_TYPE');
    expectProblem(await api().get('/api/sagas/plain-unknown'), 404, 'UNKNOWN_SAGA');
  });

  test('keeps a text of any language, and a large one', async () => {
    const items = ['😀 šč 漢字', 'x'.repeat(200_000)];
    const saga = await engine.ended(await started('PLAIN', { amount: 1, items }));
    expect(saga.input).toEqual({ amount: 1, items });
  });
});

test('lists are walked page by page', async () => {
  const ids = [await started('PLAIN', { amount: 1 }), await started('PLAIN', { amount: 2 })];
  await Promise.all(ids.map((id) => engine.ended(id)));
  const first = await api().get('/api/sagas?type=PLAIN&status=COMPLETED&limit=1');
  const { items, nextCursor } = first.body as { items: { sagaId: string }[]; nextCursor: string };
  const second = await api().get(`/api/sagas?type=PLAIN&status=COMPLETED&limit=1&cursor=${nextCursor}`);
  const shown = [items, (second.body as { items: { sagaId: string }[] }).items].flat().map(({ sagaId }) => sagaId);
  expect(shown).toEqual([...ids].reverse());
  expectProblem(await api().get('/api/sagas?cursor=bm8'), 422, 'INVALID_CURSOR');
  expectProblem(await api().get('/api/tasks?cursor=bm8'), 422, 'INVALID_CURSOR');
});

const signal = (sagaId: string, name: string, payload: object, key: string) =>
  api().post(`/api/sagas/${sagaId}/signals/${name}`).set('idempotency-key', key).send(payload);

test('a waiting saga takes its signal once, and knows it again', async () => {
  const sagaId = await started('WAITING', { device: 'd1' });
  expectProblem(await start('WAITING', { device: 'd1' }), 409, 'SUBJECT_BUSY');
  expectProblem(await signal(sagaId, 'OTHER', {}, 'k1'), 404, 'UNKNOWN_SIGNAL');
  const invalid = await signal(sagaId, 'ANSWER', { deviceId: 7 }, 'k1');
  expectProblem(invalid, 422, 'INVALID_SIGNAL');
  expect(errorsOf(invalid)).toMatchObject([{ in: 'body', pointer: '/deviceId' }]);

  const now = await signal(sagaId, 'ANSWER', { deviceId: 'd7' }, 'k1');
  expect([now.status, now.body]).toEqual([202, { sagaId, name: 'ANSWER', accepted: 'now' }]);
  expect((await signal(sagaId, 'ANSWER', { deviceId: 'd7' }, 'k1')).body).toMatchObject({ accepted: 'before' });
  const saga = await engine.ended(sagaId);
  expect(saga).toMatchObject({ status: 'COMPLETED', state: { deviceId: 'd7' } });
  const other = await signal(sagaId, 'ANSWER', { deviceId: 'd8' }, 'k2');
  expectProblem(other, 409, (other.body as { code: string }).code);
  expect(['SIGNAL_ALREADY_RECEIVED', 'WRONG_STATE']).toContain((other.body as { code: string }).code);
});

describe('what waits for a person', () => {
  test('is resolved with a reason, once', async () => {
    const sagaId = await started('BY_HAND', {});
    await engine.until(sagaId, ({ status }) => status === 'FAILED');
    const task = await openTask(sagaId);
    const resolve = (body: object) => api().post(`/api/tasks/${task.id}/resolve`).send(body);
    expectProblem(await resolve({ resolution: 'undone' }), 422, 'INVALID_REQUEST');
    const refused = await resolve({ resolution: 'retry', reason: 'x' });
    expectProblem(refused, 409, 'RESOLUTION_NOT_ALLOWED');
    expect((refused.body as { allowed: unknown }).allowed).toEqual(task.resolutions);
    expectProblem(await resolve({ resolution: 'undone', reason: 'x', output: {} }), 422, 'INVALID_INPUT');

    const resolved = await resolve({ resolution: 'undone', reason: 'paid back in cash' });
    expect(resolved.status).toBe(200);
    expect(taskView.parse(resolved.body)).toMatchObject({
      status: 'resolved',
      resolution: 'undone',
      reason: 'paid back in cash',
      resolvedBy: 'anonymous',
    });
    await engine.until(sagaId, ({ status }) => status === 'COMPENSATED');
    expectProblem(await resolve({ resolution: 'undone', reason: 'again' }), 409, 'WRONG_STATE');
    expectProblem(
      await api().post('/api/tasks/999999/resolve').send({ resolution: 'undone', reason: 'x' }),
      404,
      'UNKNOWN_TASK',
    );
  });

  test('a failed compensation is requeued', async () => {
    const sagaId = await started('BROKEN', {});
    const retry = (step: string) => api().post(`/api/sagas/${sagaId}/compensations/${step}/retry`);
    await engine.until(sagaId, ({ status }) => status === 'FAILED');
    repaired.yes = true;
    const requeued = await retry('PAY').send({ reason: 'the provider is back' });
    expect(requeued.status).toBe(202);
    expect(sagaView.parse(requeued.body)).toMatchObject({ sagaId });
    await engine.until(sagaId, ({ status }) => status === 'COMPENSATED');
    expectProblem(await retry('PAY'), 409, 'WRONG_STATE');
  });
});

test('the metrics count what the table has', async () => {
  const { body } = await api().get('/api/admin/sagas/metrics');
  const { rows } = await engine.sql.query<{ total: number }>('SELECT count(*)::int AS total FROM saga_state');
  expect(body).toMatchObject({ total: rows[0]?.total });
});

test('what scaling asks for is told with the workers that are connected', async () => {
  const { body } = await api().get('/api/admin/autoscaling').expect(200);
  expect(body).toMatchObject({ workers: 1, desiredWorkers: 1, min: 1, max: 8, slotsPerWorker: 50 });
});

test('the dashboard knows the queues', async () => {
  const { body } = await api().get('/admin/queues/api/queues').expect(200);
  const names = (body as { queues: { name: string }[] }).queues.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['saga-steps', 'saga-compensations', 'saga-outcomes']));
});

describe('with a server down', () => {
  test('PostgreSQL: reads and starts are 503 with Retry-After, and the process is not ready', async () => {
    const { prisma, close } = connectPrisma('postgresql://nobody@127.0.0.1:1/none');
    const queues = redisBackend({ url: testRedisUrl(), prefix: testPrefix() });
    const runner = createRunner({ prisma, queues, sagas, log });
    const app = appOf(runner);
    const begun = await request(app).post('/api/sagas/PLAIN').send({ amount: 1 });
    expectProblem(begun, 503, 'DATABASE_UNAVAILABLE');
    expect(begun.headers['retry-after']).toBe('5');
    expectProblem(await request(app).get('/api/sagas'), 503, 'DATABASE_UNAVAILABLE');
    const ready = await request(app).get('/readyz');
    expect([ready.status, ready.body]).toEqual([503, { postgres: 'down', queues: 'up' }]);
    await runner.close();
    await close();
  });

  test('Redis: sagas are accepted, and the process is ready', async () => {
    const away = await startEngine(() => sagas, { redisUrl: 'redis://127.0.0.1:1', work: false });
    const app = appOf(away.runner);
    await request(app).post('/api/sagas/PLAIN').send({ amount: 1 }).expect(202);
    const ready = await request(app).get('/readyz');
    expect([ready.status, ready.body]).toEqual([200, { postgres: 'up', queues: 'down' }]);
    await away.close();
  });
});

import request from 'supertest';
import { z } from 'zod';
import { HttpError, route } from '../../src/http/route.ts';
import { errorsOf, expectProblem, matching, testApp } from '../support/http.ts';
import { SAGA, SUMMARY, TASK, type Call } from '../support/recording-runner.ts';

const SAGA_URL = `/api/sagas/${SUMMARY.sagaId}`;

describe('routes', () => {
  test.each<[string, string, object | undefined, number, Call]>([
    ['post', '/api/sagas/DEMO', { amount: 1 }, 202, ['start', 'DEMO', { amount: 1 }, { actor: 'anonymous' }]],
    ['get', '/api/sagas', undefined, 200, ['list', {}]],
    [
      'get',
      '/api/sagas?type=DEMO&status=FAILED&limit=2&cursor=abc',
      undefined,
      200,
      ['list', { type: 'DEMO', status: ['FAILED'], limit: 2, cursor: 'abc' }],
    ],
    ['get', SAGA_URL, undefined, 200, ['get', SUMMARY.sagaId]],
    [
      'post',
      `${SAGA_URL}/signals/FIRST`,
      { deviceId: 'd1' },
      202,
      ['signal', SUMMARY.sagaId, 'FIRST', { deviceId: 'd1' }, { actor: 'anonymous' }],
    ],
    [
      'post',
      `${SAGA_URL}/signals/FIRST`,
      undefined,
      202,
      ['signal', SUMMARY.sagaId, 'FIRST', {}, { actor: 'anonymous' }],
    ],
    [
      'post',
      `${SAGA_URL}/compensations/FIRST/retry`,
      { reason: 'fixed' },
      202,
      ['retryCompensation', SUMMARY.sagaId, 'FIRST', { actor: 'anonymous', reason: 'fixed' }],
    ],
    [
      'post',
      `${SAGA_URL}/compensations/FIRST/retry`,
      undefined,
      202,
      ['retryCompensation', SUMMARY.sagaId, 'FIRST', { actor: 'anonymous', reason: 'Retried through the API' }],
    ],
    ['get', '/api/tasks?status=open', undefined, 200, ['tasks', { status: 'open' }]],
    [
      'post',
      '/api/tasks/7/resolve',
      { resolution: 'undone', reason: 'refunded by hand' },
      200,
      ['resolve', '7', 'undone', { actor: 'anonymous', reason: 'refunded by hand' }],
    ],
    ['get', '/api/admin/sagas/metrics', undefined, 200, ['metrics']],
  ])('%s %s with %j', async (method, url, body, status, call) => {
    const { app, calls } = testApp();
    const sent = method === 'get' ? request(app).get(url) : request(app).post(url);
    const response = await (body === undefined ? sent : sent.send(body));
    expect(response.status).toBe(status);
    expect(calls).toEqual([call]);
    expect(response.headers['cache-control']).toBe('no-store');
    const path = new URL(url, 'http://x').pathname;
    const schema = matching(method, path)?.responses[status]?.schema;
    expect(schema?.safeParse(response.body)).toMatchObject({ success: true });
  });

  test('an accepted saga says where it is, and takes its idempotency key', async () => {
    const { app, calls } = testApp();
    const response = await request(app).post('/api/sagas/DEMO').set('idempotency-key', 'order-1').send({});
    expect(response.headers['location']).toBe(SAGA_URL);
    expect(response.body).toEqual({ sagaId: SUMMARY.sagaId, status: 'RUNNING' });
    expect(calls).toEqual([['start', 'DEMO', {}, { actor: 'anonymous', idempotencyKey: 'order-1' }]]);
  });

  test("a signal's idempotency key is its id", async () => {
    const { app, calls } = testApp();
    await request(app).post(`${SAGA_URL}/signals/FIRST`).set('idempotency-key', 'answer-1').send({}).expect(202);
    expect(calls[0]?.[4]).toEqual({ actor: 'anonymous', signalId: 'answer-1' });
  });

  test('views are passed on whole', async () => {
    const { app } = testApp();
    expect((await request(app).get(SAGA_URL)).body).toEqual(SAGA);
    expect((await request(app).get('/api/tasks')).body).toEqual({ items: [TASK], nextCursor: null });
  });

  test('the root leads to the dashboard, and the dashboard is there', async () => {
    const { app } = testApp();
    const root = await request(app).get('/');
    expect([root.status, root.headers['location']]).toEqual([302, '/console']);
    const board = await request(app).get('/admin/queues');
    expect(board.status).toBe(200);
    expect(board.text).toContain('<title>Backstep</title>');
    expect(board.text).not.toContain('googleapis');
  });

  test('the document covers the routes of saga modules', async () => {
    const { app } = testApp({ routes: [demoRoute] });
    const { body } = await request(app).get('/openapi.json').expect(200);
    expect((body as { paths: object }).paths).toHaveProperty(['/api/demo/{id}']);
  });
});

const demoRoute = route({
  method: 'post',
  path: '/api/demo/:id',
  role: 'starter',
  summary: 'Demo',
  params: z.object({ id: z.string() }),
  body: z.object({ amount: z.number().positive(), items: z.array(z.object({ sku: z.string() })) }),
  responses: { 200: { description: 'OK', schema: z.number() }, 409: { description: 'TAKEN' } },
  handler: ({ params, body }) => {
    if (params.id === 'taken') throw new HttpError(409, 'TAKEN', 'It is taken');
    return Promise.resolve({ status: 200, body: body.amount, headers: { 'x-demo': '1' } });
  },
});

describe('routes of saga modules', () => {
  test('are parsed, answered and refused as the own ones', async () => {
    const { app } = testApp({ routes: [demoRoute] });
    const valid = { amount: 2, items: [] };
    const good = await request(app).post('/api/demo/1').send(valid).expect(200);
    expect([good.body, good.headers['x-demo']]).toEqual([2, '1']);
    expectProblem(await request(app).post('/api/demo/taken').send(valid), 409, 'TAKEN');
  });

  test('point at every field that is wrong', async () => {
    const { app } = testApp({ routes: [demoRoute] });
    const response = await request(app)
      .post('/api/demo/1')
      .send({ amount: -1, items: [{ sku: 'a' }, {}] });
    expectProblem(response, 422, 'INVALID_REQUEST');
    expect(errorsOf(response)).toMatchObject([
      { in: 'body', pointer: '/amount' },
      { in: 'body', pointer: '/items/1/sku' },
    ]);
  });

  test('may not take the place of another route', () => {
    expect(() => testApp({ routes: [{ ...demoRoute, path: '/api/sagas/:other' }] })).toThrow(
      'Two routes answer POST /api/sagas/:other',
    );
  });
});

import request from 'supertest';
import { RunnerError } from '../../src/core/errors.ts';
import { errorsOf, expectProblem, testApp } from '../support/http.ts';

/** A runner whose list fails. */
function listFailing(error: unknown) {
  return testApp({
    overrides: {
      list: async () => {
        throw error;
      },
    },
  });
}

test.each([
  ['get', '/nowhere', 404, 'UNKNOWN_ROUTE'],
  ['get', '/api/sagas/demo-unknown', 404, 'UNKNOWN_SAGA'],
  ['post', '/api/sagas/NOTHING', 404, 'UNKNOWN_SAGA_TYPE'],
  ['get', '/api/sagas?limit=0', 422, 'INVALID_REQUEST'],
  ['get', '/api/sagas?limit=x', 422, 'INVALID_REQUEST'],
  ['get', '/api/sagas?stauts=FAILED', 422, 'INVALID_REQUEST'],
  ['get', '/api/sagas?status=FAILED&status=TIMEOUT', 422, 'INVALID_REQUEST'],
  ['get', '/api/sagas?cursor=a%20b', 422, 'INVALID_REQUEST'],
  ['get', '/api/sagas/demo%zz', 400, 'MALFORMED_URL'],
  ['get', '/api/sagas/demo%E0%A4', 400, 'MALFORMED_URL'],
  ['get', '/api/sagas/demo%00', 400, 'MALFORMED_URL'],
  ['get', '/api/sagas?type=%ff', 400, 'MALFORMED_URL'],
  ['get', '/%zz', 400, 'MALFORMED_URL'],
  ['post', '/api/tasks/99999999999999999999/resolve', 422, 'INVALID_REQUEST'],
])('%s %s is %d %s', async (method, url, status, code) => {
  const { app } = testApp();
  const response = await (method === 'get' ? request(app).get(url) : request(app).post(url).send({}));
  expectProblem(response, status, code);
});

test('a wrong method is told the right ones', async () => {
  const { app } = testApp();
  const put = await request(app).put('/api/sagas/DEMO').send({});
  expectProblem(put, 405, 'METHOD_NOT_ALLOWED');
  expect(put.headers['allow']).toBe('POST, GET, HEAD');
  expect((await request(app).delete('/api/tasks')).headers['allow']).toBe('GET, HEAD');
});

test.each(['', 'a b', 'é', 'x'.repeat(201)])('the idempotency key %j is refused', async (key) => {
  const { app, calls } = testApp();
  const response = await request(app).post('/api/sagas/DEMO').set('idempotency-key', key).send({});
  expectProblem(response, 422, 'INVALID_REQUEST');
  expect(errorsOf(response)).toMatchObject([{ in: 'header', pointer: '/idempotency-key' }]);
  expect(calls).toEqual([]);
});

test('the cursor the runner refuses is 422', async () => {
  const { app } = listFailing(new RunnerError('INVALID_CURSOR', 'not a cursor'));
  expectProblem(await request(app).get('/api/sagas?cursor=abc'), 422, 'INVALID_CURSOR');
});

test('the input the runner refuses is 422 with pointers', async () => {
  const issues = [{ pointer: '/amount', message: 'Too small' }];
  const start = () => Promise.reject(new RunnerError('INVALID_INPUT', 'Not a DEMO input', { issues }));
  const response = await request(testApp({ overrides: { start } }).app)
    .post('/api/sagas/DEMO')
    .send({ amount: -1 });
  expectProblem(response, 422, 'INVALID_INPUT');
  expect(errorsOf(response)).toEqual([{ in: 'body', pointer: '/amount', message: 'Too small' }]);
});

test('an unreachable database is 503 and says when to ask again', async () => {
  const { app } = listFailing(new RunnerError('DATABASE_UNAVAILABLE', 'PostgreSQL is down'));
  const response = await request(app).get('/api/sagas');
  expectProblem(response, 503, 'DATABASE_UNAVAILABLE');
  expect(response.headers['retry-after']).toBe('5');
});

test.each([new Error('password=hunter2'), Object.assign(new Error('hunter2'), { status: 404 }), 'hunter2'])(
  'what nobody foresaw is a 500 that tells nothing, and is logged: %p',
  async (error) => {
    const { app, logged } = listFailing(error);
    const response = await request(app).get('/api/sagas');
    expectProblem(response, 500, 'INTERNAL_ERROR');
    expect(response.text).not.toMatch(/hunter2|at .*:\d+/);
    const line = logged().find(({ level }) => level === 50);
    expect(JSON.stringify(line)).toContain('hunter2');
  },
);

import request from 'supertest';
import { RunnerError } from '../../src/core/errors.ts';
import type { Runner } from '../../src/runner/interface.ts';
import { expectProblem, testApp } from '../support/http.ts';

const down = () => Promise.reject(new Error('ECONNREFUSED'));
const never = () => new Promise<void>(() => {});
const queues = (ping: () => Promise<void>) => ({ list: () => [], ping });

const write = (headers: Record<string, string>, url = '/admin/queues/api/queues/pause') =>
  request(testApp().app).put(url).set(headers);

describe('health', () => {
  test.each<[string, Partial<Runner>, number, object]>([
    ['all up', {}, 200, { postgres: 'up', queues: 'up' }],
    ['PostgreSQL down', { ping: down }, 503, { postgres: 'down', queues: 'up' }],
    ['the queues down', { queues: queues(down) }, 200, { postgres: 'up', queues: 'down' }],
    ['nobody answering', { ping: never, queues: queues(never) }, 503, { postgres: 'down', queues: 'down' }],
  ])('readiness with %s', async (_name, overrides, status, body) => {
    const response = await request(testApp({ overrides }).app).get('/readyz');
    expect([response.status, response.body]).toEqual([status, body]);
  });

  test('the dashboard does not wait for queues that are away', async () => {
    const response = await request(testApp({ overrides: { queues: queues(down) } }).app).get(
      '/admin/queues/api/queues',
    );
    expectProblem(response, 503, 'QUEUES_UNAVAILABLE');
  });

  test('the process is alive whatever its servers are', async () => {
    const { app, logged } = testApp({ overrides: { ping: down, queues: queues(down) } });
    await request(app).get('/healthz').expect(200, { status: 'ok' });
    expect(logged()).toEqual([]);
  });
});

describe('what scaling asks for', () => {
  const ask = (overrides: Partial<Runner>) => request(testApp({ overrides }).app).get('/api/admin/autoscaling');

  test('is told with what it depends on', async () => {
    const { status, body } = await ask({ oldestReadyMs: () => Promise.resolve(1_234) });
    const bounds = { min: 1, max: 8, slotsPerWorker: 50 };
    expect([status, body]).toEqual([
      200,
      { backlog: 0, active: 0, waiting: 0, oldestReadyMs: 1_234, workers: 0, desiredWorkers: 1, ...bounds },
    ]);
  });

  test('is not told while the queues or PostgreSQL do not answer', async () => {
    expectProblem(await ask({ queues: queues(down) }), 503, 'QUEUES_UNAVAILABLE');
    expectProblem(await ask({ queues: queues(never) }), 503, 'QUEUES_UNAVAILABLE');
    const away = () => Promise.reject(new RunnerError('DATABASE_UNAVAILABLE', 'PostgreSQL is out of reach'));
    expectProblem(await ask({ oldestReadyMs: away }), 503, 'DATABASE_UNAVAILABLE');
  });
});

describe('browsers', () => {
  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
  ])('a write from %j is refused', async (headers) => {
    expectProblem(await write(headers), 403, 'CROSS_SITE_REQUEST');
  });

  test.each<Record<string, string>>([
    { 'sec-fetch-site': 'same-origin', origin: 'http://behind.a.proxy' },
    { host: '192.0.2.7:3000', origin: 'http://192.0.2.7:3000' },
    {},
  ])('a write from %j reaches the dashboard', async (headers) => {
    await write(headers).expect(200);
  });

  test('a link from another site may be followed', async () => {
    await request(testApp().app).get('/admin/queues').set('sec-fetch-site', 'cross-site').expect(200);
  });

  test('the security headers suit plain HTTP', async () => {
    const { headers } = await request(testApp().app).get('/healthz');
    expect(String(headers['content-security-policy']).split(';').sort()).toEqual([
      "base-uri 'self'",
      "connect-src 'self'",
      "default-src 'self'",
      "font-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "object-src 'none'",
      "script-src 'self'",
      "script-src-attr 'none'",
      "style-src 'self' 'unsafe-inline'",
    ]);
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-powered-by']).toBeUndefined();
  });
});

test('over HTTPS browsers are told to stay there', async () => {
  const https = (trustProxy: number) =>
    request(testApp({ trustProxy }).app).get('/healthz').set('x-forwarded-proto', 'https');
  expect((await https(1)).headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
  expect((await https(0)).headers['strict-transport-security']).toBeUndefined();
});

describe('the request log', () => {
  test('has one line a request, without credentials', async () => {
    const { app, logged } = testApp();
    await request(app)
      .get('/api/sagas')
      .set({ authorization: 'Bearer hunter2', cookie: 'hunter2', 'x-api-key': 'hunter2', 'x-request-id': 'caller-1' });
    expect(logged()).toMatchObject([
      { level: 30, req: { id: 'caller-1', method: 'GET', url: '/api/sagas' }, res: { status: 200 } },
    ]);
    expect(JSON.stringify(logged())).not.toContain('hunter2');
  });

  test.each(['a b', 'x'.repeat(129), '<script>'])('the request id %j is not taken over', async (id) => {
    const { headers } = await request(testApp().app).get('/healthz').set('x-request-id', id);
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });
});

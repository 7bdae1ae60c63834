import { createServer } from 'node:http';
import express, { type Express } from 'express';
import request from 'supertest';
import { backstepRouter, type RouterOptions } from '../../src/http/router.ts';
import { expectProblem } from '../support/http.ts';
import { recordingRunner } from '../support/recording-runner.ts';
import { bearer } from '../support/access.ts';

const KEY = 'k'.repeat(24);
const OPEN: RouterOptions = { open: true };

/** An application of somebody's, with Backstep below `/backstep`. */
function host(options: RouterOptions = OPEN, before: (app: Express) => void = () => undefined) {
  const { runner, calls } = recordingRunner();
  const app = express();
  before(app);
  app.use('/backstep', backstepRouter(runner, options));
  app.get('/own', (_request, response) => void response.json({ own: true }));
  app.get('/own/failing', () => {
    throw new Error('theirs');
  });
  app.use(((_error, _request, response, _next) => {
    response.status(418).send('their own handler');
  }) as express.ErrorRequestHandler);
  return { app, calls };
}

describe('below a path', () => {
  test('links, locations and the cookie are below it', async () => {
    const { app } = host({ apiKeys: [`${KEY}:operator:ada`] });
    const html = { accept: 'text/html' };
    expect((await request(app).get('/backstep/')).headers['location']).toBe('/backstep/console');
    expect((await request(app).get('/backstep/console/inbox?x=1').set(html)).headers['location']).toBe(
      `/backstep/console/login?next=${encodeURIComponent('/backstep/console/inbox?x=1')}`,
    );
    const login = await request(app).post('/backstep/api/session').send({ key: KEY });
    expect(login.headers['set-cookie']?.[0]).toMatch(/^backstep_session=.*; Path=\/backstep; HttpOnly/);
    const started = await request(app).post('/backstep/api/sagas/DEMO').set(bearer(KEY)).send({});
    expect([started.status, started.headers['location']]).toEqual([
      202,
      expect.stringMatching(/^\/backstep\/api\/sagas\//),
    ]);
    const page = await request(app).get('/backstep/console/login');
    expect(page.text).toContain('name="backstep-root" content="/backstep"');
    expect(page.text).toMatch(/src="\/backstep\/console\/assets\//);
    const board = await request(app).get('/backstep/admin/queues').set(bearer(KEY));
    expect(board.text).toContain('<base href="/backstep/admin/queues/" />');
    expect(board.text).toContain('/backstep/console/inbox');
    const { body } = await request(app).get('/backstep/openapi.json');
    expect(body.servers).toEqual([{ url: '/backstep' }]);
  });

  test('every asset that the page names is there', async () => {
    const { app } = host();
    const { text } = await request(app).get('/backstep/console/sagas/x');
    const assets = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) await request(app).get(path).expect(200);
  });

  test('what it does not have is its own 404, and its refusals are problem documents', async () => {
    const { app } = host();
    expectProblem(await request(app).get('/backstep/nowhere'), 404, 'UNKNOWN_ROUTE');
    expectProblem(await request(app).get('/backstep/%ff'), 400, 'MALFORMED_URL');
    expectProblem(await request(app).put('/backstep/api/sagas'), 405, 'METHOD_NOT_ALLOWED');
  });
});

describe('the application around it', () => {
  test('keeps its own headers, errors and bodies', async () => {
    const { app } = host();
    const own = await request(app).get('/own');
    expect(own.body).toEqual({ own: true });
    for (const name of ['content-security-policy', 'x-request-id', 'permissions-policy'])
      expect(own.headers).not.toHaveProperty(name);
    expect(own.headers).toHaveProperty('etag');
    expect((await request(app).get('/own/failing')).status).toBe(418);
  });

  test('cannot lend somebody a role by what it keeps for its own use', async () => {
    const { app } = host({ apiKeys: [`${KEY}:operator`] }, (outer) =>
      outer.use((_request, response, next) => {
        response.locals['principal'] = { kind: 'open', name: 'mallory', role: 'operator' };
        next();
      }),
    );
    expectProblem(await request(app).get('/backstep/api/sagas'), 401, 'UNAUTHENTICATED');
  });

  test('may say who asks, and as what', async () => {
    const { app, calls } = host({
      authorize: ({ headers }) =>
        headers['x-user'] === undefined ? null : { actor: String(headers['x-user']), role: 'starter' },
    });
    expectProblem(await request(app).get('/backstep/api/sagas'), 401, 'UNAUTHENTICATED');
    const page = await request(app).get('/backstep/console').set({ accept: 'text/html' });
    expectProblem(page, 401, 'UNAUTHENTICATED');
    expect(page.body.detail).toBe('Log in to the application that this is a part of');
    const mona = { 'x-user': 'mona' };
    await request(app).post('/backstep/api/sagas/DEMO').set(mona).send({}).expect(202);
    expect(calls.at(-1)).toEqual(['start', 'DEMO', {}, { actor: 'mona' }]);
    expectProblem(
      await request(app).post('/backstep/api/sagas/s-1/cancel').set(mona).send({ reason: 'x' }),
      403,
      'FORBIDDEN',
    );
    const { body } = await request(app).get('/backstep/api/session').set(mona);
    expect(body).toEqual({ name: 'mona', role: 'starter', kind: 'application', expiresAt: null });
    expectProblem(await request(app).post('/backstep/api/session').send({ key: KEY }), 401, 'INVALID_KEY');
    await request(app).get('/backstep/healthz').expect(200);
  });

  test('an answer of authorize that is none lets nobody in', async () => {
    const { app } = host({ authorize: () => ({ actor: 'x', role: 'admin' }) as never });
    expectProblem(await request(app).get('/backstep/api/sagas'), 500, 'INTERNAL_ERROR');
  });

  test.each<[string, (app: Express) => void]>([
    ['as JSON', (app) => app.use(express.json())],
    ['as bytes', (app) => app.use(express.raw({ type: '*/*' }))],
    ['as text', (app) => app.use(express.text({ type: '*/*' }))],
  ])('may have read the body before: %s', async (_how, before) => {
    const { app, calls } = host(OPEN, before);
    const post = (body: string) =>
      request(app).post('/backstep/api/sagas/DEMO').set('content-type', 'application/json').send(body);
    await post('{"a":1}').expect(202);
    expect(calls.at(-1)).toEqual(['start', 'DEMO', { a: 1 }, { actor: 'anonymous' }]);
    expectProblem(await post(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`), 422, 'INVALID_REQUEST');
    expectProblem(await post('{"a":"\\u0000"}'), 422, 'INVALID_REQUEST');
  });

  test('has read the body and not kept it: that is said in the log', async () => {
    const said: unknown[] = [];
    const log = { ...console, error: (fields: object) => void said.push(fields) };
    const { app } = host({ open: true, log }, (outer) =>
      outer.use((incoming, _response, next) => void incoming.resume().once('end', next)),
    );
    expectProblem(await request(app).post('/backstep/api/sagas/DEMO').send({ a: 1 }), 500, 'INTERNAL_ERROR');
    expect(said).toMatchObject([{ err: { message: expect.stringMatching(/mount backstepRouter before/) } }]);
  });
});

test('it is also the whole of a plain HTTP server', async () => {
  const router = backstepRouter(recordingRunner().runner, OPEN);
  const server = createServer((incoming, outgoing) => router(incoming, outgoing, () => undefined));
  await request(server).get('/healthz').expect(200, { status: 'ok' });
  expect((await request(server).get('/')).headers['location']).toBe('/console');
});

test.each<[RouterOptions, RegExp]>([
  [{}, /expected one of authorize, apiKeys and open, got 0/],
  [{ open: true, apiKeys: [`${KEY}:operator`] }, /got 2/],
  [{ apiKeys: [] }, /expected apiKeys to be/],
  [{ apiKeys: ['key:admin'] }, /expected apiKeys to be/],
  [{ open: true, sessionSecret: 'short' }, /at least 32 characters, got 5/],
])('options that leave open who may do what are refused: %j', (options, reason) => {
  expect(() => backstepRouter(recordingRunner().runner, options)).toThrow(reason);
});

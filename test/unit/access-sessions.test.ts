import { describe, expect, test } from '@jest/globals';
import request, { type Response } from 'supertest';
import { hashOfKey } from '../../src/api-keys.ts';
import { RunnerError } from '../../src/core/errors.ts';
import type { AccessOptions } from '../../src/http/access/access.ts';
import { API_KEYS, bearer, guarded, KEYS, memorySessions } from '../support/access.ts';
import { expectProblem, testApp } from '../support/http.ts';

const SECRET = 'a secret of at least 32 characters';
const HOUR_MS = 3_600_000;

const appOf = (options: Partial<AccessOptions> = {}, trustProxy = 0) =>
  testApp({ access: guarded({ sessionSecret: SECRET, ...options }), trustProxy });
type App = ReturnType<typeof appOf>['app'];

const login = (app: App, key: string = KEYS.operator) => request(app).post('/api/session').send({ key });
const setCookie = (response: Response): string => String(response.headers['set-cookie']);
const cookieOf = (response: Response): string => setCookie(response).split(';', 1)[0] ?? '';
const show = (app: App, cookie: string) => request(app).get('/api/session').set({ cookie });

describe('a login', () => {
  test('gives a cookie that no script reads and no other site sends, and the cookie is who logged in', async () => {
    const now = Date.now();
    const { app } = appOf({ now: () => now });
    const response = await login(app).expect(200);
    const expiresAt = new Date(Math.floor((now + 12 * HOUR_MS) / 1_000) * 1_000).toISOString();
    expect(response.body).toEqual({ name: 'olga', role: 'operator', kind: 'session', expiresAt });
    expect(setCookie(response)).toMatch(
      /^backstep_session=[\w.-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await show(app, cookieOf(response)).expect(200)).body).toEqual(response.body);
  });

  test('over HTTPS gives a cookie for HTTPS only; who is a proxy is configured', async () => {
    const https = { 'x-forwarded-proto': 'https' };
    expect(setCookie(await login(appOf({}, 1).app).set(https))).toMatch(/; Secure/);
    expect(setCookie(await login(appOf({}, 0).app).set(https))).not.toMatch(/Secure/);
  });

  test('with a key that is none, or no key, is refused, and nobody is told a cookie', async () => {
    const { app } = appOf();
    for (const key of ['x', `${KEYS.operator} `, KEYS.operator.slice(1), API_KEYS[2]?.hash ?? '']) {
      const response = await login(app, key);
      expectProblem(response, 401, 'INVALID_KEY');
      expect(response.headers['set-cookie']).toBeUndefined();
    }
    for (const body of [{}, { key: '' }, { key: 7 }, { key: 'x'.repeat(1_001) }, { key: 'x', role: 'operator' }])
      expectProblem(await request(app).post('/api/session').send(body), 422, 'INVALID_REQUEST');
  });

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
  ])('from a page of another site is refused: %j', async (headers) => {
    expectProblem(await login(appOf().app).set(headers), 403, 'CROSS_SITE_REQUEST');
  });

  test('is told to whoever keeps the history', async () => {
    const sessions = memorySessions();
    const { app } = appOf({ sessions });
    await login(app, KEYS.viewer);
    await login(app, 'x');
    expect(sessions.logins).toEqual(['vera']);
  });
});

describe('a session', () => {
  test('counts in every process that has the secret, and in no other', async () => {
    const cookie = cookieOf(await login(appOf().app));
    await show(appOf().app, cookie).expect(200);
    expectProblem(await show(appOf({ sessionSecret: `${SECRET}.` }).app, cookie), 401, 'UNAUTHENTICATED');
    expectProblem(await show(appOf({ sessionSecret: undefined }).app, cookie), 401, 'UNAUTHENTICATED');
  });

  test('expires, however much it is used', async () => {
    let now = Date.now();
    const { app } = appOf({ sessionHours: 1, now: () => now });
    const cookie = cookieOf(await login(app));
    now += HOUR_MS - 2_000;
    await show(app, cookie).expect(200);
    now += 2_000;
    expectProblem(await show(app, cookie), 401, 'UNAUTHENTICATED');
  });

  test('ends with its key, and follows its role', async () => {
    const cookie = cookieOf(await login(appOf().app));
    const [vera, stan, olga] = API_KEYS;
    if (!vera || !stan || !olga) throw new Error('A key is missing');
    expectProblem(await show(appOf({ apiKeys: [vera, stan] }).app, cookie), 401, 'UNAUTHENTICATED');
    const lower = appOf({ apiKeys: [vera, { ...olga, role: 'viewer', name: 'olga2' }] });
    expect((await show(lower.app, cookie)).body).toMatchObject({ name: 'olga2', role: 'viewer' });
  });

  test('ended by a logout never counts again, in any process; others go on', async () => {
    const sessions = memorySessions();
    const { app } = appOf({ sessions });
    const [cookie, other] = [cookieOf(await login(app)), cookieOf(await login(app))];
    const ended = await request(app).delete('/api/session').set({ cookie }).expect(204);
    expect(setCookie(ended)).toMatch(/^backstep_session=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/);
    expectProblem(await show(app, cookie), 401, 'UNAUTHENTICATED');
    expectProblem(await show(appOf({ sessions }).app, cookie), 401, 'UNAUTHENTICATED');
    await show(app, other).expect(200);
  });

  test.each([{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'null' }])(
    'is nothing in the hands of a page of another site: %j',
    async (headers) => {
      const { app } = appOf();
      const cookie = cookieOf(await login(app));
      expectProblem(await show(app, cookie).set(headers), 401, 'UNAUTHENTICATED');
      await show(app, cookie).set('sec-fetch-site', 'same-origin').expect(200);
      // A program sends its key itself: no browser was made to.
      await request(app).get('/api/session').set(headers).set(bearer(KEYS.viewer)).expect(200);
    },
  );

  test('is not asked for where a key is sent, and does not stand in for a wrong one', async () => {
    const { app } = appOf();
    const cookie = cookieOf(await login(app));
    expect((await show(app, cookie).set(bearer(KEYS.viewer))).body).toMatchObject({ name: 'vera', kind: 'key' });
    expectProblem(await show(app, cookie).set(bearer('x')), 401, 'UNAUTHENTICATED');
    await show(app, cookie).set('authorization', 'Basic cHJveHk6cGFzcw==').expect(200);
  });

  test('of which nobody can say whether it has ended is 503', async () => {
    const away = () => Promise.reject(new RunnerError('DATABASE_UNAVAILABLE', 'PostgreSQL is down'));
    const cookie = cookieOf(await login(appOf().app));
    const { app } = appOf({ sessions: { ...memorySessions(), hasEnded: away } });
    expectProblem(await show(app, cookie), 503, 'DATABASE_UNAVAILABLE');
    await request(app).get('/healthz').set({ cookie }).expect(200);
  });
});

test('a key may be any text, sent as UTF-8', async () => {
  const { app } = appOf({ apiKeys: [{ hash: hashOfKey('schlüssel'), role: 'viewer', name: 'kurt' }] });
  const bytes = Buffer.from('schlüssel').toString('latin1');
  expect((await request(app).get('/api/session').set(bearer(bytes))).body).toMatchObject({ name: 'kurt' });
  expect((await login(app, 'schlüssel')).body).toMatchObject({ name: 'kurt' });
});

import { describe, expect, test } from '@jest/globals';
import request, { type Response } from 'supertest';
import type { AccessOptions } from '../../src/http/access/access.ts';
import { bearer, guarded, KEYS } from '../support/access.ts';
import { expectProblem, testApp } from '../support/http.ts';

const appOf = (options: Partial<AccessOptions> = {}) => testApp({ access: guarded(options), trustProxy: 1 }).app;
type App = ReturnType<typeof appOf>;
const from = (address: string) => ({ 'x-forwarded-for': address });
const look = (app: App, key: string, address = '192.0.2.1') =>
  request(app)
    .get('/api/session')
    .set({ ...bearer(key), ...from(address) });
const login = (app: App, key: string, address = '192.0.2.1') =>
  request(app).post('/api/session').set(from(address)).send({ key });

async function times(count: number, ask: () => Promise<Response>): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let done = 0; done < count; done += 1) statuses.push((await ask()).status);
  return [...new Set(statuses)];
}

function expectTooMany(response: Response): void {
  expectProblem(response, 429, 'TOO_MANY_REQUESTS');
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(response.headers['retry-after'])).toBeLessThanOrEqual(60);
}

describe('requests of a key', () => {
  test('are so many a minute, whoever sends them, and told in headers', async () => {
    const app = appOf({ rateLimitPerMinute: 3 });
    const first = await look(app, KEYS.viewer);
    expect(first.headers['ratelimit-policy']).toMatch(/^"key"; q=3; w=60/);
    expect(first.headers['ratelimit']).toMatch(/^"key"; r=2; t=\d+/);
    const login = await request(app).post('/api/session').send({ key: KEYS.viewer });
    const cookie = String(login.headers['set-cookie']).split(';', 1)[0] ?? '';
    await request(app).get('/api/session').set({ cookie }).expect(200);
    await look(app, KEYS.viewer, '192.0.2.2').expect(200);
    expectTooMany(await look(app, KEYS.viewer, '192.0.2.3'));
    await look(app, KEYS.operator).expect(200);
  });

  test('are counted on the dashboard too, and not on what is public', async () => {
    const app = appOf({ rateLimitPerMinute: 2 });
    const board = () => request(app).get('/admin/queues').set(bearer(KEYS.viewer));
    expect(await times(2, board)).toEqual([200]);
    expectTooMany(await board());
    for (const path of ['/healthz', '/readyz', '/openapi.json'])
      expect(await times(4, () => request(app).get(path).set(bearer(KEYS.viewer)))).toEqual([200]);
  });

  test('have no limit where it is 0, and where nobody has a key', async () => {
    expect(await times(5, () => look(appOf({ rateLimitPerMinute: 0 }), KEYS.viewer))).toEqual([200]);
    const open = appOf({ apiKeys: [], rateLimitPerMinute: 1 });
    expect(await times(3, () => request(open).get('/api/session'))).toEqual([200]);
  });
});

describe('from one address', () => {
  test('ten logins a minute may fail; then also a right key has to wait, but not elsewhere', async () => {
    const app = appOf();
    expect(await times(12, () => login(app, KEYS.viewer))).toEqual([200]);
    expect(await times(10, () => login(app, 'wrong'))).toEqual([401]);
    expectTooMany(await login(app, 'wrong'));
    expectTooMany(await login(app, KEYS.viewer));
    await login(app, KEYS.viewer, '192.0.2.9').expect(200);
  });

  test('sixty wrong keys a minute are looked at; then none is, but those who are logged in go on', async () => {
    const app = appOf();
    const cookie = String((await login(app, KEYS.viewer)).headers['set-cookie']).split(';', 1)[0] ?? '';
    expect(await times(60, () => look(app, 'wrong'))).toEqual([401]);
    expectTooMany(await look(app, 'wrong'));
    expectTooMany(await look(app, KEYS.operator));
    await look(app, KEYS.operator, '192.0.2.9').expect(200);
    await request(app)
      .get('/api/session')
      .set({ cookie, ...from('192.0.2.1') })
      .expect(200);
  });

  test('is from one network, where addresses are that many', async () => {
    const app = appOf();
    expect(await times(10, () => login(app, 'wrong', '2001:db8::1'))).toEqual([401]);
    expectTooMany(await login(app, 'wrong', '2001:db8::2'));
    expect((await login(app, 'wrong', '2001:db9::1')).status).toBe(401);
  });

  test('old sessions are not counted: a tab that was left open locks nobody out', async () => {
    const app = appOf();
    const stale = () => request(app).get('/api/session').set('cookie', 'backstep_session=old');
    expect(await times(70, stale)).toEqual([401]);
  });
});

test('nobody gets another address by saying so, where no proxy is configured', async () => {
  const { app } = testApp({ access: guarded() });
  const statuses: number[] = [];
  for (let number = 0; number < 11; number += 1)
    statuses.push((await login(app, 'wrong', `198.51.100.${number}`)).status);
  expect(statuses.at(-1)).toBe(429);
});

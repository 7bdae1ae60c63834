import type { IncomingMessage, RequestListener } from 'node:http';
import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { z } from 'zod';
import { type ApiRole, ROLES } from '../../src/api-keys.ts';
import type { Route } from '../../src/http/route.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { route } from '../../src/http/route.ts';
import { bearer, guarded, KEYS, rolesBelow } from '../support/access.ts';
import { billingRoutes } from '../support/billing-routes.ts';
import { expectProblem, testApp } from '../support/http.ts';

// Every door, walked to by nobody, by somebody who may not, and by somebody who may.

interface Door {
  readonly method: string;
  readonly path: string;
  readonly role: ApiRole;
}

const pathOf = (path: string) => path.replaceAll(/:\w+/g, 'x');
const isGuarded = (row: Route): row is Route & { readonly role: ApiRole } => row.role !== 'public';
const rows: readonly Door[] = [...ROUTES, ...billingRoutes]
  .filter(isGuarded)
  .map(({ method, path, role }) => ({ method, path: pathOf(path), role }));

const BOARD_API = '/admin/queues/api/queues';
const board: readonly Door[] = [
  { method: 'get', path: '/admin/queues', role: 'viewer' },
  { method: 'get', path: '/ADMIN/queues/queue/saga-steps', role: 'viewer' },
  { method: 'get', path: '/admin/queues/static/js/main.js', role: 'viewer' },
  { method: 'get', path: BOARD_API, role: 'viewer' },
  { method: 'put', path: `${BOARD_API}/pause`, role: 'operator' },
  { method: 'put', path: `${BOARD_API}/saga-steps/1/retry`, role: 'operator' },
  { method: 'post', path: `${BOARD_API}/saga-steps/add`, role: 'operator' },
  { method: 'patch', path: `${BOARD_API}/saga-steps/1/update-data`, role: 'operator' },
  { method: 'delete', path: `${BOARD_API}/saga-steps`, role: 'operator' },
];
const pages: readonly Door[] = ['/console', '/console/', '/Console/sagas/x', '/console/loginx', '/console/assets'].map(
  (path) => ({ method: 'get', path, role: 'viewer' }),
);

let app: RequestListener;
/** Has the streams for itself: what they read goes on a moment after their reader has gone. */
let streaming: RequestListener;
let calls: readonly unknown[];

beforeAll(() => {
  ({ app, calls } = testApp({ routes: billingRoutes, access: guarded() }));
  ({ app: streaming } = testApp({ access: guarded() }));
});

const isStream = ({ path }: Door) => path.endsWith('/stream');

function ask(door: Door, headers: Record<string, string> = {}): request.Test {
  const doors = request(isStream(door) ? streaming : app) as unknown as Record<string, (path: string) => request.Test>;
  const asked = doors[door.method]?.(door.path).set(headers);
  if (!asked) throw new Error(`There is no method ${door.method}`);
  return isStream(door) ? asked.buffer(true).parse(headOnly) : asked;
}

/** Of a stream that was opened nothing is read; a refusal is read whole. */
const headOnly: Parameters<request.Test['parse']>[0] = (response, done) => {
  if (response.statusCode === 200) {
    // The type of the response is the browser's.
    (response as unknown as IncomingMessage).destroy();
    return done(null, {});
  }
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString()));
  response.on('end', () => done(null, JSON.parse(text)));
};

describe.each([...rows, ...board, ...pages].map((door) => [door.method, door.path, door] as const))(
  '%s %s',
  (_method, _path, door) => {
    test('is closed to nobody, and to keys that are none', async () => {
      const before = calls.length;
      const response = await ask(door);
      expectProblem(response, 401, 'UNAUTHENTICATED');
      expect(response.headers['www-authenticate']).toBe('Bearer');
      for (const headers of [{ authorization: 'Basic eDp5' }, { cookie: 'backstep_session=x' }])
        expectProblem(await ask(door, headers), 401, 'UNAUTHENTICATED');
      expect(calls).toHaveLength(before);
    });

    test('is closed to those below its role, and says why', async () => {
      const before = calls.length;
      for (const role of rolesBelow(door.role)) {
        const response = await ask(door, bearer(KEYS[role]));
        expectProblem(response, 403, 'FORBIDDEN');
        const { detail } = response.body as { detail: string };
        expect(detail).toMatch(new RegExp(`role ${door.role}; .+ has the role ${role}`));
      }
      expect(calls).toHaveLength(before);
    });

    test('is open to its role, and to those above', async () => {
      for (const role of ROLES.filter((each) => !rolesBelow(door.role).includes(each)))
        expect([401, 403]).not.toContain((await ask(door, bearer(KEYS[role]))).status);
    });
  },
);

test.each([...board, ...pages].filter(({ path }) => !path.includes('/api/')))(
  'a person without a session is sent from $path to the login, and $method back',
  async (door) => {
    if (door.method !== 'get') return;
    const { status, headers } = await ask({ ...door, path: `${door.path}?a=b&c` }, { accept: 'text/html,*/*' });
    expect(status).toBe(302);
    expect(headers['location']).toBe(`/console/login?next=${encodeURIComponent(`${door.path}?a=b&c`)}`);
  },
);

test('only what is said to be public is', () => {
  const open = [...ROUTES, ...billingRoutes].filter((row) => row.role === 'public');
  expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'get /',
    'get /docs',
    'get /healthz',
    'get /openapi.json',
    'get /readyz',
    'post /api/session',
  ]);
});

test.each(['/console/login', '/console/login?next=%2Fconsole', '/console/assets/index.js'])(
  '%s is there for people who have not logged in',
  async (path) => {
    const { status } = await ask({ method: 'get', path, role: 'viewer' });
    expect([401, 302]).not.toContain(status);
  },
);

test("a handler is told the key's name, and the log too, but never the key", async () => {
  const own = route({
    method: 'get',
    path: '/api/demo',
    role: 'viewer',
    summary: 'Demo',
    responses: { 200: { description: 'OK', schema: z.object({ actor: z.string() }) } },
    handler: ({ actor }) => Promise.resolve({ status: 200, body: { actor } }),
  });
  const { app: demo, logged } = testApp({ routes: [own], access: guarded() });
  const response = await request(demo)
    .get(`/api/demo?key=${KEYS.viewer}&x=1&API_TOKEN=${KEYS.viewer}`)
    .set({ ...bearer(KEYS.operator), cookie: `backstep_session=${KEYS.starter}` });
  expect(response.body).toEqual({ actor: 'olga' });
  expect(logged()).toMatchObject([{ actor: 'olga', req: { url: expect.stringContaining('key=[redacted]&x=1') } }]);
  for (const key of Object.values(KEYS)) expect(JSON.stringify(logged())).not.toContain(key);
});

test('without keys everybody is anonymous, and may do everything', async () => {
  const { app: open } = testApp();
  const session = { name: 'anonymous', role: 'operator', kind: 'open', expiresAt: null };
  expect((await request(open).get('/api/session')).body).toEqual(session);
  const login = await request(open).post('/api/session').send({ key: 'any' }).expect(200, session);
  expect(login.headers['set-cookie']).toBeUndefined();
});

describe('without keys', () => {
  const to = (host: string, path = '/api/sagas') => request(testApp().app).get(path).set({ host });

  test.each(['127.0.0.1:3000', 'localhost:3000', 'x.localhost', '[::1]:3000', '192.0.2.7'])(
    'who asks for %s is answered',
    async (host) => {
      await to(host).expect(200);
    },
  );

  test.each(['evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example', 'a b', 'evil@localhost x'])(
    'a name that somebody else may lead here is not: %s',
    async (host) => {
      expectProblem(await to(host), 403, 'FOREIGN_HOST');
      expectProblem(await to(host, '/admin/queues'), 403, 'FOREIGN_HOST');
      await to(host, '/healthz').expect(200);
    },
  );

  test('with keys any name will do', async () => {
    const { app: named } = testApp({ access: guarded() });
    await request(named)
      .get('/api/sagas')
      .set({ host: 'backstep.example', ...bearer(KEYS.viewer) })
      .expect(200);
  });
});

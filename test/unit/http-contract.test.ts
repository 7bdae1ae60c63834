import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { RunnerError, type RunnerErrorCode } from '../../src/core/errors.ts';
import { signSession } from '../../src/http/access/session-token.ts';
import { REFUSALS } from '../../src/http/refusals.ts';
import type { Route } from '../../src/http/route.ts';
import { ROUTES } from '../../src/http/routes.ts';
import type { Runner } from '../../src/runner/interface.ts';
import { bearer, guarded, KEYS, memorySessions, rolesBelow } from '../support/access.ts';
import { createContract } from '../support/contract.ts';
import { sendExample, type Changes } from '../support/example-request.ts';
import { testApp } from '../support/http.ts';
import { recordingRunner } from '../support/recording-runner.ts';

// Each refusal that the document has for an operation is provoked; `testApp` holds the answers to their schemas.

const contract = createContract(ROUTES);
const operationOf = (route: Route) => {
  const found = contract.operations.find(({ operationId }) => operationId === route.name);
  if (!found) throw new Error(`${route.name} is not documented`);
  return found;
};
const documents = (route: Route, status: number) => operationOf(route).responses[status] !== undefined;
const codesOf = (route: Route) =>
  Object.values(operationOf(route).responses).flatMap(({ content = {} }) =>
    Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples)),
  );

const reached = new Set<string>();
const operator = bearer(KEYS.operator);

async function refuse(app: RequestListener, route: Route, status: number, changes: Changes = {}): Promise<void> {
  const response = await sendExample(app, route, { ...changes, headers: { ...operator, ...changes.headers } });
  expect([route.name, response.status]).toEqual([route.name, status]);
  reached.add(`${route.name} ${status}`);
}

let app: RequestListener;
beforeAll(() => {
  app = testApp({ access: guarded() }).app;
});

const having = (status: number) => ROUTES.filter((route) => documents(route, status));
const guardedRoutes = ROUTES.filter(({ role }) => role !== 'public');
const withBody = ROUTES.filter(({ body }) => body !== undefined);
const nobody = { authorization: '' };

test.each(having(400))('$name refuses a URL that does not decode', (route) =>
  refuse(app, route, 400, { query: '%zz' }),
);

test.each(guardedRoutes)('$name is closed to nobody', (route) => refuse(app, route, 401, { headers: nobody }));

test.each(having(403))('$name is closed to pages of other sites, foreign hosts or too low a role', async (route) => {
  const [below] = route.role === 'public' ? [] : rolesBelow(route.role);
  if (below !== undefined) await refuse(app, route, 403, { headers: bearer(KEYS[below]) });
  else if (route.role === 'public') await refuse(app, route, 403, { headers: { 'sec-fetch-site': 'cross-site' } });
  else await refuse(testApp().app, route, 403, { headers: { host: 'elsewhere.example' } });
});

test.each(withBody)('$name refuses what is too large, and what is no JSON', async (route) => {
  await refuse(app, route, 413, { body: { text: 'x'.repeat(300_000) } });
  await refuse(app, route, 415, { body: 'text', headers: { 'content-type': 'text/plain' } });
});

test.each(having(422))('$name refuses what its schemas do not take', async (route) => {
  const params = Object.fromEntries(Object.keys(route.example?.params ?? {}).map((name) => [name, '!'.repeat(200)]));
  await refuse(app, route, 422, route.body ? { params, body: { nonsense: 1 } } : { params, query: 'nonsense=1' });
});

test.each(guardedRoutes)('$name is limited', async (route) => {
  const { app: limited } = testApp({ access: guarded({ rateLimitPerMinute: 1 }) });
  await sendExample(limited, guardedRoutes.find(({ name }) => name === 'showMetrics') ?? route, { headers: operator });
  await refuse(limited, route, 429);
});

const SECRET = 'a secret of at least thirty-two characters';

/** With a session that cannot be looked up. */
async function refuseSession(route: Route, status: number, error: Error): Promise<void> {
  const fail = () => Promise.reject(error);
  const sessions = { ...memorySessions(), hasEnded: fail, begun: fail };
  const { app: failing } = testApp({ access: guarded({ sessions, sessionSecret: SECRET }) });
  const keyId = await keyIdOfOperator();
  const token = signSession(SECRET, { sessionId: 'x', keyId, expiresAtMs: Date.now() + 60_000 });
  const body = route.name === 'beginSession' ? { body: { key: KEYS.operator } } : {};
  await refuse(failing, route, status, { ...body, headers: { ...nobody, cookie: `backstep_session=${token}` } });
}

/** As a token of a login has it. */
async function keyIdOfOperator(): Promise<string> {
  const { app: any } = testApp({ access: guarded({ sessionSecret: SECRET }) });
  const login = ROUTES.find(({ name }) => name === 'beginSession');
  if (!login) throw new Error('There is no login');
  const { headers } = await sendExample(any, login, { body: { key: KEYS.operator } });
  return /backstep_session=[^.]+\.([^.]+)\./.exec(String(headers['set-cookie']))?.[1] ?? '';
}

const failing = ROUTES.filter(({ role, name }) => role !== 'public' || name === 'beginSession');

test.each(failing)('$name says when something unforeseen happens, and when PostgreSQL is away', async (route) => {
  await refuseSession(route, 500, new Error('nobody foresaw it'));
  await refuseSession(route, 503, new RunnerError('DATABASE_UNAVAILABLE', 'PostgreSQL is out of reach'));
});

test('more than ten failed logins are too many', async () => {
  const route = ROUTES.find(({ name }) => name === 'beginSession');
  if (!route) throw new Error('There is no login');
  const { app: guessed } = testApp({ access: guarded() });
  for (let count = 0; count < 10; count++) await refuse(guessed, route, 401);
  await refuse(guessed, route, 429);
});

test('where nothing is counted, there are no metrics', async () => {
  const route = ROUTES.find(({ name }) => name === 'exposeMetrics');
  if (route) await refuse(app, route, 404);
});

test('without PostgreSQL it is not ready', async () => {
  const route = ROUTES.find(({ name }) => name === 'readiness');
  const { app: down } = testApp({ overrides: { ping: () => Promise.reject(new Error('down')) } });
  if (route) await refuse(down, route, 503);
});

const ofTheRunner = Object.keys(REFUSALS).filter((code) =>
  ROUTES.some((route) => codesOf(route).includes(code)),
) as RunnerErrorCode[];

/** A runner that refuses everything in the same way. */
function refusingRunner(code: RunnerErrorCode): Partial<Runner> {
  const refuseIt = () => Promise.reject(new RunnerError(code, 'what and which', { allowed: ['undone'] }));
  const methods = Object.entries(recordingRunner().runner).filter(([, value]) => typeof value === 'function');
  const kept = ['traced', 'close', 'watchWorkers'];
  const refusing = methods.filter(([name]) => !kept.includes(name)).map(([name]) => [name, refuseIt]);
  return { ...Object.fromEntries(refusing), queues: { list: () => [], ping: refuseIt } } as Partial<Runner>;
}

/** A stream waits for PostgreSQL rather than being refused. */
const isRefused = (route: Route, code: string) => !(route.path.endsWith('/stream') && code === 'DATABASE_UNAVAILABLE');

/** What the HTTP side says by itself. */
const isOfTheRunner = (code: RunnerErrorCode) => !ALONE.includes(code);
const ALONE: readonly string[] = Object.keys(REFUSALS).slice(Object.keys(REFUSALS).indexOf('QUEUES_UNAVAILABLE') + 1);

test.each(ofTheRunner.filter(isOfTheRunner))(
  'the refusal %s is answered as each operation that has it says',
  async (code) => {
    const { app: refusing } = testApp({ overrides: refusingRunner(code), access: guarded() });
    const routes = guardedRoutes.filter((route) => codesOf(route).includes(code) && isRefused(route, code));
    const asking = routes.filter(({ name }) => !UNASKING.includes(name ?? ''));
    for (const route of asking) await refuse(refusing, route, REFUSALS[code].status);
  },
);

/** They do not ask the runner. */
const UNASKING: readonly string[] = ['listDefinitions', 'exposeMetrics', 'showSession', 'endSession', 'listQueues'];

test('without its queues the list of them is refused', async () => {
  const route = ROUTES.find(({ name }) => name === 'listQueues');
  const { app: away } = testApp({ overrides: refusingRunner('QUEUES_UNAVAILABLE'), access: guarded() });
  if (route) await refuse(away, route, 503);
});

/** The library's public pages ask nobody for anything. */
const NEVER = ROUTES.filter(({ role, method }) => role === 'public' && method === 'get').flatMap(({ name }) => [
  `${name} 500`,
  ...(name === 'readiness' ? [] : [`${name} 503`]),
]);

afterAll(() => {
  const documented = ROUTES.flatMap((route) =>
    Object.keys(operationOf(route).responses)
      .filter((status) => Number(status) >= 400)
      .map((status) => `${route.name} ${status}`),
  );
  expect(documented.filter((each) => !reached.has(each) && !NEVER.includes(each))).toEqual([]);
});

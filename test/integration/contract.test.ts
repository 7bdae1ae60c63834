import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { parseApiKey } from '../../src/api-keys.ts';
import { ROUTES } from '../../src/http/routes.ts';
import {
  createExposition,
  createMetrics,
  defineSaga,
  NOTHING_TO_UNDO,
  type Route,
  type SagaView,
  TerminalError,
} from '../../src/index.ts';
import { API_KEYS, bearer, KEYS, storedAccess } from '../support/access.ts';
import { startBilling, type Billing } from '../support/billing.ts';
import { eventually } from '../support/eventually.ts';
import { sendExample, type Changes } from '../support/example-request.ts';

// Every example of the documentation is sent to a real server; `startBilling` holds the answers to their schemas.

const stuck = new TerminalError('The ledger answers 503');

const sagas = [
  /** Waits as a purchase does, until the example's signal comes. */
  defineSaga('WAITING', { input: z.object({}) }).wait('ALLOCATE_DEVICE', {
    request: () => undefined,
    signal: z.object({ deviceId: z.string() }),
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('STUCK', { input: z.object({}) })
    .step('SET_REFUNDING_STATUS', { attempts: 1, execute: () => undefined, compensate: () => Promise.reject(stuck) })
    .step('CALL_PROVIDER_REFUND', { execute: () => Promise.reject(stuck), compensate: NOTHING_TO_UNDO }),
];

const ALICE = parseApiKey('the-key-of-alice:operator:alice');
const operator = bearer(KEYS.operator);

let app: Billing;
beforeAll(async () => {
  const metrics = createExposition({ metrics: createMetrics({ sagas }) });
  app = await startBilling(
    {},
    {
      sagas,
      headers: operator,
      app: (prisma) => ({
        metrics,
        access: { ...storedAccess(prisma), apiKeys: [...API_KEYS, ...(ALICE ? [ALICE] : [])] },
      }),
    },
  );
});
afterAll(() => app.close());

const started = async (type: string) => {
  const { sagaId } = await app.runner.start(type, {});
  await eventually(async () => {
    const { status, waitUntil } = await app.runner.get(sagaId);
    return status !== 'RUNNING' && status !== 'COMPENSATING' ? true : waitUntil !== null;
  });
  return sagaId;
};

/** What waits for a person of a saga that is stuck. */
const openTask = async (): Promise<SagaView['tasks'][number]> => {
  const { tasks } = await app.runner.get(await started('STUCK'));
  const [task] = tasks;
  if (!task) throw new Error('It is not stuck');
  return task;
};

/** Ids of this server, in place of those in the examples. */
const IDS: Readonly<Record<string, () => Promise<Readonly<Record<string, string>>>>> = {
  showSaga: async () => ({ sagaId: await started('STUCK') }),
  streamSaga: async () => ({ sagaId: await started('STUCK') }),
  listJobs: async () => ({ sagaId: await started('WAITING') }),
  showPurchase: async () => ({ sagaId: await started('WAITING') }),
  signalSaga: async () => ({ sagaId: await started('WAITING') }),
  cancelSaga: async () => ({ sagaId: await started('WAITING') }),
  retryCompensation: async () => ({ sagaId: await started('STUCK') }),
  showTask: async () => ({ id: (await openTask()).id }),
  resolveTask: async () => ({ id: (await openTask()).id }),
  retryGroup: async () => ({ fingerprint: (await openTask()).fingerprint }),
  showGroupRetry: async () => {
    const { fingerprint } = await openTask();
    const by = { actor: 'alice', reason: 'again' };
    // The retry that the example began must have ended.
    return { id: await eventually(async () => (await app.runner.retryGroup(fingerprint, by)).id) };
  },
};

const send = (route: Route, changes: Changes = {}) =>
  sendExample(app.url, route, { ...changes, headers: { ...operator, ...changes.headers } });

/** The routes of the module are known when it runs: their names are here, so that each is a test of its own. */
const BILLING = [
  'refundPayment',
  'listPayments',
  'purchasePlan',
  'showPurchase',
  'orderFault',
  'listFaults',
  'clearFaults',
  'listOperations',
];
const routeOf = (name: string) => {
  const found = [...ROUTES, ...app.routes].find((route) => route.name === name);
  if (!found) throw new Error(`There is no operation ${name}`);
  return found;
};

test.each([...ROUTES.map(({ name = '' }) => name), ...BILLING])(
  'the example of %s is answered as it says',
  async (name) => {
    const route = routeOf(name);
    const params = (await IDS[name]?.()) ?? {};
    const { status } = await send(route, { params });
    expect(status).toBe(Math.min(...Object.keys(route.responses).map(Number)));
  },
);

test('each operation of the module has its example sent', () => {
  expect(new Set(app.routes.map(({ name }) => name))).toEqual(new Set(BILLING));
});

test.each<[string, number, string, Changes]>([
  ['refundPayment', 404, 'UNKNOWN_PAYMENT', { params: { paymentId: 'none' } }],
  [
    'refundPayment',
    422,
    'AMOUNT_TOO_HIGH',
    { params: { paymentId: 'pay-0007' }, body: { amount: 1_000, reason: 'x' } },
  ],
  ['refundPayment', 422, 'INVALID_REQUEST', { body: { amount: -1 } }],
  ['refundPayment', 422, 'IDEMPOTENCY_KEY_REUSED', { params: { paymentId: 'pay-0008' } }],
  ['listPayments', 422, 'INVALID_REQUEST', { query: 'limit=0' }],
  ['purchasePlan', 422, 'INVALID_REQUEST', { body: {} }],
  ['purchasePlan', 422, 'IDEMPOTENCY_KEY_REUSED', { body: { userId: 'user-0002', planId: 'plan-basic', amount: 100 } }],
  ['showPurchase', 404, 'UNKNOWN_SAGA', { params: { sagaId: 'none' } }],
  ['orderFault', 422, 'INVALID_REQUEST', { body: { operation: 'none' } }],
])('%s is refused with %i %s', async (name, status, code, changes) => {
  const response = await send(routeOf(name), changes);
  expect([response.status, (response.body as { code: unknown }).code]).toEqual([status, code]);
});

test('a payment that was refunded is not refunded again', async () => {
  await send(routeOf('refundPayment'));
  await eventually(async () => {
    const { body } = await app.request('GET', '/api/billing/payments?cursor=pay-0041&limit=1');
    return (body['items'] as { status: string }[])[0]?.status === 'REFUNDED';
  });
  const again = await send(routeOf('refundPayment'), { headers: { 'idempotency-key': 'another' } });
  expect(again.body).toMatchObject({ status: 409, code: 'PAYMENT_STATUS' });
});

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Row } from '../support/billing-client.ts';
import type { Deployment } from '../support/deployment.ts';
import { deployBilling, killed } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import type { Gates } from '../support/gates.ts';
import { installGates } from '../support/gates.ts';
import type { Program } from '../support/process.ts';

// Processes are started, which takes its time on a busy machine.
jest.setTimeout(120_000);

/** Longer than a provider may take, so that a request does not come back before the kill, in milliseconds. */
const DELAY_MS = 9_000;

/** Where a saga is when its worker is killed. */
interface Place {
  readonly where: string;
  /** The saga, which does not get past the place. */
  readonly start: () => Promise<unknown>;
  readonly shut: () => Promise<void>;
  readonly reached: () => Promise<void>;
}

let app: Deployment;
let gates: Gates;
let worker: Program;
const sagas = new Map<string, unknown>();

beforeAll(async () => {
  app = await deployBilling();
  gates = await installGates(app.sql);
  // The orders of this user cannot be completed.
  await app.sql.query(`ALTER TABLE orders ADD CHECK (NOT (user_id = 'unlucky' AND status = 'COMPLETED'))`);
  [worker] = await Promise.all([app.startWorker(), app.startApi()]);
});
afterAll(async () => {
  await gates.remove();
  await app.close();
});

/** A transaction has written this row, and does not commit. */
const written = (where: string, gate: string, start: Place['start']): Place => ({
  where,
  start,
  shut: () => gates.shut(gate),
  reached: () => gates.reached(gate),
});
/** The provider has the request, and does not answer. */
const asked = (where: string, operation: string, start: Place['start']): Place => ({
  where,
  start,
  shut: () => app.order({ operation, fault: 'slow', delayMs: DELAY_MS, times: 1_000 }),
  reached: async () =>
    void (await eventually(async () => {
      const { items } = (await app.request('GET', '/sandbox/faults')).body;
      return (items as Row[]).some((fault) => fault['operation'] === operation && Number(fault['times']) < 1_000);
    })),
});

/** A saga in each place, then `kill -9`, then another worker, until the last blocked request has come to its end. */
async function crashIn(places: readonly Place[]): Promise<void> {
  for (const { where, start, shut, reached } of places) {
    await shut();
    sagas.set(where, await start());
    await reached();
  }
  expect(await unfinished()).toEqual({ n: places.length });
  await killed(worker);
  await gates.open();
  await app.request('DELETE', '/sandbox/faults');
  worker = await app.startWorker();
  await app.slowOnesOver(DELAY_MS);
}

const accepted = async (path: string, body: object) => {
  const answer = await app.request('POST', path, body);
  expect(answer.status).toBe(202);
  return answer.body['sagaId'];
};
const purchase = (userId = 'user-0001') =>
  accepted('/api/orders/purchase', { userId, planId: 'plan-basic', amount: 100.0 });
const declined = async () => {
  await app.order({ operation: 'charge', fault: 'reject', message: 'Card declined' });
  return purchase();
};
let refunded = 0;
const refund = () =>
  accepted(`/api/billing/payments/pay-000${(refunded += 1)}/refund`, { amount: 100.0, reason: 'changed my mind' });

const orderOf = (sagaId: unknown) =>
  app.row('SELECT * FROM orders WHERE creation_key = $1', `${String(sagaId)}:CREATE_ORDER:do`);
const operationsOf = async (sagaId: unknown) =>
  (await app.operations()).filter(({ key }) => String(key).startsWith(`${String(sagaId)}:`));
const devicesOf = (sagaId: unknown) =>
  app.row(`SELECT count(*)::int AS n FROM devices WHERE starts_with(allocation_key, $1)`, `${String(sagaId)}:`);
const unfinished = () =>
  app.row(`SELECT count(*)::int AS n FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING')`);
const allocated = () => app.row(`SELECT count(*)::int AS n FROM devices WHERE status = 'ALLOCATED'`);

// In each list the last place comes first, so that no saga meets the place of another.

describe('a worker killed with -9 in a purchase: another goes on, and everything is done once', () => {
  const places = [
    written('ACTIVATE_ORDER', 'saga_step ACTIVATE_ORDER DONE', purchase),
    asked('PROCESS_PAYMENT', 'charge', purchase),
    written('ALLOCATE_DEVICE, taking its answer', 'saga_step ALLOCATE_DEVICE DONE', purchase),
    written('ALLOCATE_DEVICE, asleep', 'devices ALLOCATED', purchase),
    written('ALLOCATE_DEVICE, asking', 'outbox allocate.requested', purchase),
    written('CREATE_ORDER', 'saga_step CREATE_ORDER DONE', purchase),
    written('VALIDATE_PLAN', 'saga_step VALIDATE_PLAN DONE', purchase),
  ];
  beforeAll(() => crashIn(places));

  test.each(places)('in $where', async ({ where }) => {
    const sagaId = sagas.get(where);
    expect(await app.ended(sagaId, 40_000)).toMatchObject({ status: 'COMPLETED', step_index: 4 });
    const order = await orderOf(sagaId);
    expect(order).toMatchObject({ status: 'COMPLETED', paid_at: expect.any(Date), completed_at: expect.any(Date) });
    expect(await operationsOf(sagaId)).toEqual([expect.objectContaining({ operation: 'charge', amount: 100 })]);
    expect(await devicesOf(sagaId)).toEqual({ n: 1 });
    const notifications = 'SELECT count(*)::int AS n FROM notifications WHERE order_id = $1';
    await eventually(async () => (await app.row(notifications, order['id']))['n'] === 1);
  });

  test('and nothing is left behind: a device and a payment for each', async () => {
    expect(await allocated()).toEqual({ n: places.length });
    expect(await app.operations()).toHaveLength(places.length);
  });
});

describe('a worker killed with -9 in a refund: another goes on, and the money moves once', () => {
  const places = [
    written('UPDATE_ORDER_STATUS', 'saga_step UPDATE_ORDER_STATUS DONE', refund),
    written('UPDATE_PAYMENT_STATUS', 'saga_step UPDATE_PAYMENT_STATUS DONE', refund),
    asked('CALL_PROVIDER_REFUND', 'refund', refund),
    written('SET_REFUNDING_STATUS', 'saga_step SET_REFUNDING_STATUS DONE', refund),
  ];
  beforeAll(() => crashIn(places));

  test.each(places)('in $where', async ({ where }) => {
    const sagaId = sagas.get(where);
    const saga = await app.ended(sagaId, 40_000);
    expect(saga).toMatchObject({ status: 'COMPLETED', step_index: 3 });
    const { paymentId } = saga['state'] as Row;
    const payment = await app.row('SELECT * FROM payments WHERE id = $1', paymentId);
    expect(payment).toMatchObject({ status: 'REFUNDED', refund_amount: '100.00' });
    const order = await app.row('SELECT status FROM orders WHERE id = $1', payment['order_id']);
    expect(order).toEqual({ status: 'REFUNDED' });
    expect(await operationsOf(sagaId)).toEqual([expect.objectContaining({ operation: 'refund', paymentId })]);
  });
});

describe('a worker killed with -9 while a saga is undone: another goes on, and all is undone once', () => {
  const places = [
    written('CREATE_ORDER, after a declined payment', 'saga_step CREATE_ORDER COMPENSATED', declined),
    written('ALLOCATE_DEVICE, after a declined payment', 'saga_step ALLOCATE_DEVICE COMPENSATED', declined),
    asked('PROCESS_PAYMENT, after a failed ACTIVATE_ORDER', 'refund', () => purchase('unlucky')),
  ];
  let before: Row;
  beforeAll(async () => {
    before = await allocated();
    await crashIn(places);
  });

  test.each(places)('in the undo of $where', async ({ where }) => {
    const sagaId = sagas.get(where);
    const wasPaid = where.startsWith('PROCESS_PAYMENT');
    expect(await app.ended(sagaId, 40_000)).toMatchObject({ status: 'COMPENSATED' });
    const { rows } = await app.sql.query<{ step: string }>(
      `SELECT step FROM saga_log WHERE saga_id = $1 AND event = 'compensated' ORDER BY id`,
      [sagaId],
    );
    const undone = [...(wasPaid ? ['PROCESS_PAYMENT'] : []), 'ALLOCATE_DEVICE', 'CREATE_ORDER'];
    expect(rows.map(({ step }) => step)).toEqual(undone);
    expect(await orderOf(sagaId)).toMatchObject({ status: 'CANCELLED', device_id: null, completed_at: null });
    const moved = (await operationsOf(sagaId)).map(({ operation }) => operation);
    expect(moved).toEqual(wasPaid ? ['charge', 'refund'] : []);
    await eventually(async () => (await devicesOf(sagaId))['n'] === 0);
  });

  test('and no device is lost', async () => {
    expect(await allocated()).toEqual(before);
  });
});

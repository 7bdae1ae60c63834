import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Billing, Row } from '../support/billing.ts';
import { startBilling } from '../support/billing.ts';
import { eventually } from '../support/eventually.ts';
import { whileRefused } from '../support/while-refused.ts';

let app: Billing;

beforeAll(async () => {
  app = await startBilling();
});
afterEach(() => app.request('DELETE', '/sandbox/faults'));
afterAll(() => app.close());

const purchase = (of: object = {}) =>
  app.request('POST', '/api/orders/purchase', { userId: 'user-0001', planId: 'plan-basic', amount: 100.0, ...of });
const orderOf = (sagaId: unknown) =>
  app.row(`SELECT * FROM orders WHERE creation_key = $1`, `${String(sagaId)}:CREATE_ORDER:do`);
const chargeKey = (sagaId: unknown) => `${String(sagaId)}:PROCESS_PAYMENT:do`;
const operationsOf = async (sagaId: unknown) =>
  (await app.operations()).filter(({ key }) => String(key).startsWith(`${String(sagaId)}:`));
const allocated = () => app.row(`SELECT count(*)::int AS devices FROM devices WHERE status = 'ALLOCATED'`);

/** The names of a saga's events that were consumed. */
async function eventsOf(sagaId: unknown): Promise<string[]> {
  const { rows } = await app.sql.query<{ name: string }>(
    `SELECT name FROM consumed_events WHERE starts_with(key, $1) ORDER BY name`,
    [`${String(sagaId)}:`],
  );
  return rows.map(({ name }) => name);
}

async function compensatedSteps(sagaId: unknown): Promise<string[]> {
  const { rows } = await app.sql.query<{ name: string }>(
    `SELECT step AS name FROM saga_log WHERE saga_id = $1 AND event = 'compensated' ORDER BY id`,
    [sagaId],
  );
  return rows.map(({ name }) => name);
}

test('a purchase succeeds: order, device, payment, activation, and its events are seen', async () => {
  const { status, body } = await purchase();
  expect(status).toBe(202);
  expect(body).toEqual({
    sagaId: expect.stringMatching(/^payment_purchase-[0-9a-f-]{36}$/),
    message: expect.any(String),
  });
  const { sagaId } = body;
  const saga = await app.ended(sagaId);
  expect(saga).toMatchObject({ status: 'COMPLETED', current_step: 'ACTIVATE_ORDER', step_index: 4 });
  const { orderId, deviceId, paymentId } = saga['state'] as Record<string, string>;
  const order = await orderOf(sagaId);
  expect(order).toMatchObject({
    id: orderId,
    device_id: deviceId,
    status: 'COMPLETED',
    amount: '100.00',
    user_id: 'user-0001',
    order_number: expect.stringMatching(/^ORD\w+$/),
    paid_at: expect.any(Date),
    completed_at: expect.any(Date),
  });
  const lifetimeMs = (order['expires_at'] as Date).getTime() - (order['created_at'] as Date).getTime();
  expect(Math.round(lifetimeMs / 60_000)).toBe(30);
  const payment = { order_id: orderId, status: 'SUCCESS', amount: '100.00', method: 'stripe' };
  expect(await app.row('SELECT * FROM payments WHERE id = $1', paymentId)).toMatchObject(payment);
  expect(await app.row('SELECT * FROM devices WHERE id = $1', deviceId)).toMatchObject({ status: 'ALLOCATED' });
  expect(await operationsOf(sagaId)).toEqual([
    expect.objectContaining({ operation: 'charge', key: chargeKey(sagaId), paymentId, amount: 100 }),
  ]);
  await eventually(async () => (await eventsOf(sagaId)).length === 3);
  expect(await eventsOf(sagaId)).toEqual(['allocate.requested', 'notification.send', 'order.completed']);
  const notification = await app.row('SELECT * FROM notifications WHERE order_id = $1', orderId);
  expect(notification).toMatchObject({ user_id: 'user-0001' });
  expect(await app.request('GET', `/api/orders/saga/${String(sagaId)}/status`)).toMatchObject({
    status: 200,
    body: { sagaId, status: 'COMPLETED', currentStep: 'ACTIVATE_ORDER', error: null },
  });
});

test('what was purchased can be refunded', async () => {
  const bought = await app.ended((await purchase()).body['sagaId']);
  const { orderId, paymentId } = bought['state'] as Record<string, string>;
  const refund = { amount: 100, reason: 'changed my mind' };
  const { body } = await app.request('POST', `/api/billing/payments/${paymentId}/refund`, refund);
  expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'COMPLETED' });
  expect(await app.row('SELECT status FROM orders WHERE id = $1', orderId)).toEqual({ status: 'REFUNDED' });
});

test('a purchase from the balance takes the money from there', async () => {
  const userId = 'user-0002';
  const before = await app.row('SELECT amount FROM balances WHERE user_id = $1', userId);
  const { body } = await purchase({ userId, method: 'balance' });
  expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'COMPLETED' });
  const after = await app.row('SELECT amount FROM balances WHERE user_id = $1', userId);
  expect(Number(before['amount']) - Number(after['amount'])).toBe(100);
});

describe('a step fails, and everything before it is undone in reverse order', () => {
  test.each([
    [{ amount: 99 }, 'Price of plan plan-basic is 100.00, got 99.00'],
    [{ planId: 'plan-none' }, 'Plan plan-none does not exist'],
    [{ planId: 'plan-retired', amount: 50 }, 'Plan plan-retired is not active'],
  ])('VALIDATE_PLAN: %j', async (of, error) => {
    const { sagaId } = (await purchase(of)).body;
    expect(await app.ended(sagaId)).toMatchObject({ status: 'COMPENSATED', error_message: error });
    await expect(orderOf(sagaId)).rejects.toThrow('0 rows');
    expect((await app.request('GET', `/api/orders/saga/${String(sagaId)}/status`)).body).toMatchObject({ error });
  });

  test('CREATE_ORDER', async () => {
    const sagaId = await whileRefused(app.sql, { table: 'orders', condition: `user_id = 'unlucky'` }, async () => {
      const { body } = await purchase({ userId: 'unlucky' });
      expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'COMPENSATED', retry_count: 3 });
      return body['sagaId'];
    });
    await expect(orderOf(sagaId)).rejects.toThrow('0 rows');
    expect(await compensatedSteps(sagaId)).toEqual([]);
  });

  test('ALLOCATE_DEVICE', async () => {
    await app.sql.query(`UPDATE devices SET status = 'BROKEN' WHERE status = 'AVAILABLE'`);
    const { sagaId } = (await purchase()).body;
    const saga = await app.ended(sagaId);
    await app.sql.query(`UPDATE devices SET status = 'AVAILABLE' WHERE status = 'BROKEN'`);
    expect(saga).toMatchObject({ status: 'COMPENSATED', error_message: 'No device is available' });
    expect(await compensatedSteps(sagaId)).toEqual(['CREATE_ORDER']);
    const cancelled = { status: 'CANCELLED', cancel_reason: 'No device is available', device_id: null };
    expect(await orderOf(sagaId)).toMatchObject({ ...cancelled, cancelled_at: expect.any(Date) });
    await eventually(async () => (await eventsOf(sagaId)).includes('order.cancelled'));
  });

  test('PROCESS_PAYMENT', async () => {
    const before = await allocated();
    await app.order({ operation: 'charge', fault: 'reject', message: 'Card declined' });
    const { sagaId } = (await purchase()).body;
    expect(await app.ended(sagaId)).toMatchObject({ status: 'COMPENSATED', error_message: 'Card declined' });
    expect(await compensatedSteps(sagaId)).toEqual(['ALLOCATE_DEVICE', 'CREATE_ORDER']);
    const cancelled = { status: 'CANCELLED', cancel_reason: 'Card declined', device_id: null, refunded_at: null };
    expect(await orderOf(sagaId)).toMatchObject(cancelled);
    expect(await operationsOf(sagaId)).toEqual([]);
    await eventually(async () => (await eventsOf(sagaId)).length === 3);
    expect(await eventsOf(sagaId)).toEqual(['allocate.requested', 'order.cancelled', 'release']);
    expect(await allocated()).toEqual(before);
  });

  test('ACTIVATE_ORDER', async () => {
    const before = await allocated();
    const sagaId = await whileRefused(
      app.sql,
      { table: 'orders', condition: `user_id = 'unlucky' AND status = 'COMPLETED'` },
      async () => {
        const { body } = await purchase({ userId: 'unlucky' });
        expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'COMPENSATED', retry_count: 3 });
        return body['sagaId'];
      },
    );
    expect(await compensatedSteps(sagaId)).toEqual(['PROCESS_PAYMENT', 'ALLOCATE_DEVICE', 'CREATE_ORDER']);
    const order = await orderOf(sagaId);
    expect(order).toMatchObject({ status: 'CANCELLED', device_id: null, paid_at: expect.any(Date) });
    expect(order).toMatchObject({ refunded_at: expect.any(Date), cancelled_at: expect.any(Date) });
    const payment = { status: 'REFUNDED', refund_amount: '100.00', refunded_at: expect.any(Date) };
    expect(await app.row('SELECT * FROM payments WHERE order_id = $1', order['id'])).toMatchObject(payment);
    const operations = await operationsOf(sagaId);
    expect(operations.map(({ operation, amount }) => [operation, amount])).toEqual([
      ['charge', 100],
      ['refund', 100],
    ]);
    expect(operations[1]).toMatchObject({ originalKey: chargeKey(sagaId) });
    await eventually(async () => (await eventsOf(sagaId)).includes('release'));
    expect(await allocated()).toEqual(before);
  });
});

test('a charge whose every reply is lost is found by its key, and the purchase goes on', async () => {
  await app.order({ operation: 'charge', fault: 'lost-reply', times: 3 });
  const { sagaId } = (await purchase()).body;
  const saga = await app.ended(sagaId);
  expect(saga).toMatchObject({ status: 'COMPLETED' });
  const { paymentId } = saga['state'] as Row;
  expect(await app.row('SELECT status FROM payments WHERE id = $1', paymentId)).toEqual({ status: 'SUCCESS' });
  expect(await operationsOf(sagaId)).toHaveLength(1);
});

test('a charge of which nobody knows is given back, and its late arrival is refused', async () => {
  await app.order({ operation: 'charge', fault: 'lost-reply', times: 3 });
  await app.order({ operation: 'lookup', fault: 'error', times: 1 });
  const { sagaId } = (await purchase()).body;
  expect(await app.ended(sagaId)).toMatchObject({ status: 'COMPENSATED' });
  const order = await orderOf(sagaId);
  expect(order).toMatchObject({ status: 'CANCELLED', refunded_at: expect.any(Date) });
  const payment = await app.row('SELECT status FROM payments WHERE order_id = $1', order['id']);
  expect(payment).toEqual({ status: 'REFUNDED' });
  expect((await operationsOf(sagaId)).map(({ operation }) => operation)).toEqual(['charge', 'refund']);
});

/** The request for a device once more, as a queue delivers at least once. */
async function requestAgain(sagaId: unknown): Promise<void> {
  const key = `again:${String(sagaId)}`;
  const payload = { sagaId, orderId: 'o', userId: 'u', key: `${String(sagaId)}:ALLOCATE_DEVICE:do` };
  const insert = `INSERT INTO outbox (name, key, payload) VALUES ('allocate.requested', $1, $2)`;
  await app.sql.query(insert, [key, payload]);
  await eventually(() => app.row('SELECT 1 AS seen FROM consumed_events WHERE key = $1', key));
}

test('a request for a device that arrives again leaves a completed purchase its device', async () => {
  const { sagaId } = (await purchase()).body;
  const { deviceId } = (await app.ended(sagaId))['state'] as Row;
  const before = await allocated();
  await requestAgain(sagaId);
  expect(await app.row('SELECT status FROM devices WHERE id = $1', deviceId)).toEqual({ status: 'ALLOCATED' });
  expect(await allocated()).toEqual(before);
});

test('a request for a device that arrives again after its release allocates none', async () => {
  await app.order({ operation: 'charge', fault: 'reject' });
  const { sagaId } = (await purchase()).body;
  await app.ended(sagaId);
  await eventually(async () => (await eventsOf(sagaId)).includes('release'));
  const before = await allocated();
  await requestAgain(sagaId);
  expect(await allocated()).toEqual(before);
});

test('two hundred purchases and refunds at once do not disturb one another', async () => {
  const before = await allocated();
  const starts = await Promise.all(
    Array.from({ length: 200 }, (_, n) => {
      const payment = `pay-${String(n + 1).padStart(4, '0')}`;
      const refund = { amount: 100, reason: 'all at once' };
      return n % 2 === 0 ? purchase() : app.request('POST', `/api/billing/payments/${payment}/refund`, refund);
    }),
  );
  expect(starts.every(({ status }) => status === 202)).toBe(true);
  const sagas = await Promise.all(starts.map(({ body }) => app.ended(body['sagaId'], 50_000)));
  expect(sagas.filter(({ status }) => status !== 'COMPLETED')).toEqual([]);
  const devices = sagas.map((saga) => (saga['state'] as Row)['deviceId']).filter((device) => device !== undefined);
  expect(new Set(devices).size).toBe(100);
  expect(await allocated()).toEqual({ devices: Number(before['devices']) + 100 });
  const doubled = `SELECT count(*)::int AS n FROM payments WHERE status = 'REFUNDING'`;
  expect(await app.row(doubled)).toEqual({ n: 0 });
  const { body: metrics } = await app.request('GET', '/api/admin/sagas/metrics');
  expect(metrics).toMatchObject({ running: 0, total: expect.any(Number), successRate: expect.any(Number) });
}, 90_000);

test('what cannot be purchased is refused at once', async () => {
  for (const wrong of [
    { amount: 0 },
    { amount: 1.001 },
    { userId: '' },
    { planId: 7 },
    { method: 'cash' },
    { extra: 1 },
  ])
    expect(await purchase(wrong)).toMatchObject({ status: 422, body: { code: 'INVALID_REQUEST' } });
  const unknown = '/api/orders/saga/payment_purchase-00000000-0000-0000-0000-000000000000/status';
  expect(await app.request('GET', unknown)).toMatchObject({ status: 404, body: { code: 'UNKNOWN_SAGA' } });
});

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Billing, Row } from '../support/billing.ts';
import { startBilling } from '../support/billing.ts';

let app: Billing;
let taken = 0;

beforeAll(async () => {
  app = await startBilling();
});
afterEach(() => app.request('DELETE', '/sandbox/faults'));
afterAll(() => app.close());

const METHODS = ['wechat', 'alipay', 'stripe', 'paypal', 'balance'];

/** A seeded payment that no other test uses; the methods come in turn. */
function nextPayment(method = 'wechat'): string {
  do taken += 1;
  while (METHODS[(taken - 1) % METHODS.length] !== method);
  return `pay-${String(taken).padStart(4, '0')}`;
}

const refund = (paymentId: string, body: object = { amount: 100.0, reason: 'not as described' }, headers = {}) =>
  app.request('POST', `/api/billing/payments/${paymentId}/refund`, body, headers);
const paymentOf = (id: string) => app.row('SELECT * FROM payments WHERE id = $1', id);
const orderOf = (id: string) =>
  app.row('SELECT o.* FROM orders o JOIN payments p ON p.order_id = o.id WHERE p.id = $1', id);
const operationsOn = async (paymentId: string) =>
  (await app.operations()).filter((operation) => operation['paymentId'] === paymentId);

test.each(['wechat', 'alipay', 'stripe', 'paypal'])('a refund by %s succeeds', async (method) => {
  const paymentId = nextPayment(method);
  const { status, body, headers } = await refund(paymentId);
  expect(status).toBe(202);
  expect(body).toMatchObject({
    sagaId: expect.stringMatching(/^payment_refund-[0-9a-f-]{36}$/),
    payment: { id: paymentId, amount: 100, method, status: expect.stringMatching(/^(SUCCESS|REFUNDING)$/) },
  });
  expect(headers.get('location')).toBe(`/api/sagas/${String(body['sagaId'])}`);
  const saga = await app.ended(body['sagaId']);
  expect(saga).toMatchObject({ status: 'COMPLETED', current_step: 'UPDATE_ORDER_STATUS', step_index: 3 });
  expect(saga['state']).toMatchObject({
    paymentId,
    amount: 100,
    reason: 'not as described',
    refundingStatusSet: true,
    providerRefundResult: {
      key: `${String(body['sagaId'])}:CALL_PROVIDER_REFUND:do`,
      method,
      amount: 100,
    },
  });
  const payment = { status: 'REFUNDED', refund_amount: '100.00', refund_reason: 'not as described' };
  expect(await paymentOf(paymentId)).toMatchObject({ ...payment, refunded_at: expect.any(Date) });
  expect(await orderOf(paymentId)).toMatchObject({ status: 'REFUNDED', refunded_at: expect.any(Date) });
  expect(await operationsOn(paymentId)).toEqual([
    expect.objectContaining({ operation: 'refund', method, amount: 100 }),
  ]);
});

test('a refund to a balance moves the money in our own books', async () => {
  const paymentId = nextPayment('balance');
  const { user_id: userId } = await paymentOf(paymentId);
  const before = await app.row('SELECT amount FROM balances WHERE user_id = $1', userId);
  const { body } = await refund(paymentId, { amount: 60.5, reason: 'partly' });
  expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'COMPLETED' });
  const after = await app.row('SELECT amount FROM balances WHERE user_id = $1', userId);
  expect(Number(after['amount']) - Number(before['amount'])).toBe(60.5);
  expect(await paymentOf(paymentId)).toMatchObject({ status: 'REFUNDED', refund_amount: '60.50' });
});

test('a provider that fails each time: three attempts, 1 s and 2 s apart, then all is as before', async () => {
  const paymentId = nextPayment();
  await app.order({ operation: 'refund', fault: 'error', times: 3, message: 'WeChat API timeout' });
  const { body } = await refund(paymentId);
  const saga = await app.ended(body['sagaId']);
  expect(saga).toMatchObject({ status: 'COMPENSATED', error_message: 'WeChat API timeout', retry_count: 3 });
  expect(await paymentOf(paymentId)).toMatchObject({ status: 'SUCCESS', refund_amount: null, refunded_at: null });
  expect(await orderOf(paymentId)).toMatchObject({ status: 'PAID' });
  expect(await operationsOn(paymentId)).toEqual([]);
  const { rows } = await app.sql.query<{ attempt: number; at: Date }>(
    `SELECT attempt, at FROM saga_log WHERE saga_id = $1 AND event = 'attempt failed' ORDER BY id`,
    [body['sagaId']],
  );
  expect(rows.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  const [first, second, third] = rows.map(({ at }) => at.getTime());
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(900);
  expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(1_900);
});

test('a payment whose refund failed can be refunded again', async () => {
  const paymentId = nextPayment();
  await app.order({ operation: 'refund', fault: 'reject', message: 'Account frozen' });
  const first = await refund(paymentId);
  const failed = await app.ended(first.body['sagaId']);
  expect(failed).toMatchObject({ status: 'COMPENSATED', error_message: 'Account frozen' });
  const second = await refund(paymentId);
  expect(await app.ended(second.body['sagaId'])).toMatchObject({ status: 'COMPLETED' });
  expect(await operationsOn(paymentId)).toHaveLength(1);
});

test('a lost reply is asked for again by its key: one refund', async () => {
  const paymentId = nextPayment();
  await app.order({ operation: 'refund', fault: 'lost-reply' });
  const { body } = await refund(paymentId);
  expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'COMPLETED' });
  expect(await operationsOn(paymentId)).toHaveLength(1);
});

test('when every reply is lost, the provider is asked what it did, and the saga goes on', async () => {
  const paymentId = nextPayment();
  await app.order({ operation: 'refund', fault: 'lost-reply', times: 3 });
  const { body } = await refund(paymentId);
  const saga = await app.ended(body['sagaId']);
  expect(saga).toMatchObject({ status: 'COMPLETED' });
  expect(saga['state']).toMatchObject({ providerRefundResult: { amount: 100 } });
  expect(await paymentOf(paymentId)).toMatchObject({ status: 'REFUNDED' });
  expect(await operationsOn(paymentId)).toHaveLength(1);
});

test('when nobody can say what the provider did, a person is asked and nothing else is touched', async () => {
  const paymentId = nextPayment();
  await app.order({ operation: 'refund', fault: 'lost-reply', times: 3 });
  await app.order({ operation: 'lookup', fault: 'error', times: 10 });
  const { body } = await refund(paymentId);
  expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'FAILED' });
  expect(await paymentOf(paymentId)).toMatchObject({ status: 'REFUNDING' });
  const task = await app.row('SELECT * FROM operator_task WHERE saga_id = $1', body['sagaId']);
  expect(task).toMatchObject({ kind: 'UNKNOWN_OUTCOME', step: 'CALL_PROVIDER_REFUND', status: 'open' });
  expect((await refund(paymentId)).status).toBe(409);
});

test('twenty refunds of one payment at once: one is accepted, and the money moves once', async () => {
  const paymentId = nextPayment();
  const answers = await Promise.all(Array.from({ length: 20 }, () => refund(paymentId)));
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  expect(await app.ended(accepted[0]?.body['sagaId'])).toMatchObject({ status: 'COMPLETED' });
  expect(await operationsOn(paymentId)).toHaveLength(1);
});

test('the same request with its idempotency key again gets the same answer, also when it is over', async () => {
  const paymentId = nextPayment();
  const body = { amount: 100, reason: 'once' };
  const key = { 'idempotency-key': `refund-${paymentId}` };
  const first = await refund(paymentId, body, key);
  const again = await refund(paymentId, body, key);
  await app.ended(first.body['sagaId']);
  const later = await refund(paymentId, body, key);
  expect([first.status, again.status, later.status]).toEqual([202, 202, 202]);
  expect([again.body['sagaId'], later.body['sagaId']]).toEqual([first.body['sagaId'], first.body['sagaId']]);
  expect((await refund(paymentId, { ...body, amount: 99 }, key)).status).toBe(422);
});

test('what cannot be refunded is refused at once', async () => {
  const paymentId = nextPayment();
  expect(await refund('pay-none')).toMatchObject({ status: 404, body: { code: 'UNKNOWN_PAYMENT' } });
  for (const amount of [0, -1, 100.001, '100', null, 1e12])
    expect(await refund(paymentId, { amount, reason: 'r' })).toMatchObject({ status: 422 });
  expect(await refund(paymentId, { amount: 100.01, reason: 'r' })).toMatchObject({
    status: 422,
    body: { code: 'AMOUNT_TOO_HIGH' },
  });
  expect(await refund(paymentId, { amount: 1 })).toMatchObject({ status: 422 });
  const { body } = await refund(paymentId);
  await app.ended(body['sagaId']);
  expect(await refund(paymentId)).toMatchObject({ status: 409, body: { code: 'PAYMENT_STATUS' } });
});

test('a saga started behind the route checks the payment itself', async () => {
  const paymentId = nextPayment();
  await app.sql.query(`UPDATE payments SET status = 'FAILED' WHERE id = $1`, [paymentId]);
  const { sagaId } = await app.runner.start('PAYMENT_REFUND', { paymentId, amount: 1, reason: 'r' });
  const error = `Payment ${paymentId} is FAILED, expected SUCCESS`;
  expect(await app.ended(sagaId)).toMatchObject({ status: 'COMPENSATED', error_message: error });
  expect(await paymentOf(paymentId)).toMatchObject({ status: 'FAILED' });
});

test('a provider that does not answer in time is not waited for, and its late refund is no second one', async () => {
  const paymentId = nextPayment();
  await app.order({ operation: 'refund', fault: 'slow', delayMs: 8_500 });
  const { body } = await refund(paymentId);
  expect(await app.ended(body['sagaId'], 30_000)).toMatchObject({ status: 'COMPLETED' });
  const failed = `SELECT attempt FROM saga_log WHERE saga_id = $1 AND event = 'attempt failed'`;
  expect(await app.row(failed, body['sagaId'])).toEqual({ attempt: 1 });
  expect(await operationsOn(paymentId)).toHaveLength(1);
});

test('payments are listed by id, with what was refunded', async () => {
  const { status, body } = await app.request('GET', '/api/billing/payments?limit=2');
  expect(status).toBe(200);
  expect(body['items']).toEqual([
    expect.objectContaining({
      id: 'pay-0001',
      orderId: 'order-0001',
      amount: 100,
      method: 'wechat',
      refundAmount: 100,
    }),
    expect.objectContaining({ id: 'pay-0002', method: 'alipay' }),
  ]);
  const next = await app.request('GET', `/api/billing/payments?limit=1&cursor=${String(body['nextCursor'])}`);
  expect((next.body['items'] as Row[])[0]).toMatchObject({ id: 'pay-0003' });
  const open = await app.request('GET', '/api/billing/payments?status=SUCCESS');
  expect((open.body['items'] as Row[]).every((payment) => payment['status'] === 'SUCCESS')).toBe(true);
});

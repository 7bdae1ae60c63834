import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Billing } from '../support/billing.ts';
import { startBilling } from '../support/billing.ts';

let app: Billing;

beforeAll(async () => {
  app = await startBilling({ BILLING_TIMEOUT_MS: '1500' });
});
afterEach(() => app.request('DELETE', '/sandbox/faults'));
afterAll(() => app.close());

const DELAY_MS = 2_500;

const voids = async () => (await app.request('GET', '/sandbox/operations')).body['voids'] as { key: string }[];

test('a provider that blocks a purchase past its deadline: it is undone, and the late charge is refused', async () => {
  await app.order({ operation: 'charge', fault: 'slow', delayMs: DELAY_MS });
  const body = { userId: 'user-0001', planId: 'plan-basic', amount: 100 };
  const { sagaId } = (await app.request('POST', '/api/orders/purchase', body)).body;
  const saga = await app.ended(sagaId);
  expect(saga).toMatchObject({ status: 'TIMEOUT', error_message: 'Saga timeout exceeded' });
  const order = await app.row('SELECT * FROM orders WHERE creation_key = $1', `${String(sagaId)}:CREATE_ORDER:do`);
  expect(order).toMatchObject({ status: 'CANCELLED', cancel_reason: 'Saga timeout exceeded', paid_at: null });
  await app.slowOnesOver(DELAY_MS);
  expect((await voids()).map(({ key }) => key)).toContain(`${String(sagaId)}:PROCESS_PAYMENT:do`);
  expect(await app.operations()).toEqual([]);
});

test('a provider that blocks a refund past its deadline: the payment is as before, and the late refund is refused', async () => {
  await app.order({ operation: 'refund', fault: 'slow', delayMs: DELAY_MS });
  const refund = { amount: 100, reason: 'late' };
  const { sagaId } = (await app.request('POST', '/api/billing/payments/pay-0001/refund', refund)).body;
  const saga = await app.ended(sagaId);
  expect(saga).toMatchObject({ status: 'TIMEOUT', error_message: 'Saga timeout exceeded' });
  expect(await app.row(`SELECT status FROM payments WHERE id = 'pay-0001'`)).toEqual({ status: 'SUCCESS' });
  await app.slowOnesOver(DELAY_MS);
  expect(await app.operations()).toEqual([]);
});

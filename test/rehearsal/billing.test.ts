import { expect, test } from '@jest/globals';
import type { World } from '../../src/rehearsal/index.ts';
import { assertAllOrNothing } from '../../src/rehearsal/index.ts';
import { purchasePlan } from '../../src/sagas/purchase-plan.ts';
import { refundPayment } from '../../src/sagas/refund-payment.ts';
import { billingTables, providerDouble } from '../support/billing-double.ts';

function refundWorld(): World {
  const { db, data } = billingTables({
    payments: [
      {
        id: 'pay-1',
        orderId: 'order-1',
        userId: 'ada',
        method: 'stripe',
        amount: 100,
        status: 'SUCCESS',
        providerRef: null,
      },
    ],
    orders: [{ id: 'order-1', status: 'PAID', completedAt: null }],
  });
  const { provider, cents } = providerDouble();
  return {
    definition: refundPayment({ db, provider, timeoutMs: 300_000 }),
    input: { paymentId: 'pay-1', amount: 100, reason: 'rehearsed' },
    effects: () => ({
      payment: data.payments[0]?.['status'],
      order: data.orders[0]?.['status'],
      CALL_PROVIDER_REFUND: cents('refund'),
    }),
  };
}

function purchaseWorld(): World {
  const { db, data, events } = billingTables({ plans: [{ id: 'plan-1', price: 100, isActive: true }] });
  const { provider, cents } = providerDouble();
  const allocated = new Set<string>();
  const released = () =>
    events.filter(({ name }) => name === 'release').map(({ payload }) => (payload as { key: string }).key);
  const count = (rows: readonly Record<string, unknown>[], ...statuses: string[]) =>
    rows.filter(({ status }) => statuses.includes(String(status))).length;
  return {
    definition: purchasePlan({ db, provider, timeoutMs: 300_000 }),
    input: { userId: 'ada', planId: 'plan-1', amount: 100 },
    signals: {
      ALLOCATE_DEVICE: ({ key }) => {
        allocated.add(key);
        return { deviceId: 'device-1' };
      },
    },
    effects: () => ({
      CREATE_ORDER: count(data.orders, 'PENDING', 'PAID', 'COMPLETED', 'REFUNDED'),
      ALLOCATE_DEVICE: [...allocated].filter((key) => !released().includes(key)).length,
      PROCESS_PAYMENT: { cents: cents('charge'), payments: count(data.payments, 'SUCCESS') },
      ACTIVATE_ORDER: count(data.orders, 'COMPLETED'),
      told: events.filter(({ name }) => name === 'order.completed' || name === 'notification.send').length,
    }),
  };
}

const statusesOf = (outcomes: Awaited<ReturnType<typeof assertAllOrNothing>>) =>
  new Set(outcomes.map(({ rehearsal }) => rehearsal.status));

test('whatever fails in a refund, payment, order and money are all refunded or all as before, or a person is asked', async () => {
  const outcomes = await assertAllOrNothing(refundWorld);
  expect(outcomes.length).toBeGreaterThan(90);
  expect(statusesOf(outcomes)).toEqual(new Set(['COMPLETED', 'COMPENSATED', 'FAILED', 'TIMEOUT', 'CANCELLED']));
});

test('whatever fails in a purchase, order, device and money are all there or all gone', async () => {
  const outcomes = await assertAllOrNothing(purchaseWorld);
  expect(outcomes.length).toBeGreaterThan(120);
  expect(statusesOf(outcomes)).toEqual(new Set(['COMPLETED', 'COMPENSATED', 'FAILED', 'TIMEOUT', 'CANCELLED']));
});

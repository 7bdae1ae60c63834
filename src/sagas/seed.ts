import type { Logger } from 'pino';
import { formatCents } from './money.ts';
import type { Db } from './ports.ts';
import { METHODS } from './ports.ts';

const PLANS = [
  { id: 'plan-basic', name: 'Basic', price: '100.00' },
  { id: 'plan-standard', name: 'Standard', price: '200.00' },
  { id: 'plan-premium', name: 'Premium', price: '499.90' },
  { id: 'plan-retired', name: 'Retired', price: '50.00', isActive: false },
];
const DEVICES = 500;
const PAYMENTS = 250;
const USERS = 20;
const PAYMENT_CENTS = 10_000;
const BALANCE_CENTS = 100_000;

/**
 * Something to try the sagas on: plans, devices, balances, and paid payments `pay-0001` ... of 100.00, by each method in
 * turn, the first by WeChat. What is there already is left as it is.
 */
export async function seedBilling(prisma: Db, log: Logger): Promise<void> {
  const skipDuplicates = true;
  const balance = formatCents(BALANCE_CENTS);
  const inserted = await prisma.$transaction([
    prisma.plan.createMany({ data: PLANS, skipDuplicates }),
    prisma.device.createMany({ data: range(DEVICES).map((n) => ({ id: `device-${pad(n)}` })), skipDuplicates }),
    prisma.balance.createMany({
      data: range(USERS).map((n) => ({ userId: userOf(n), amount: balance })),
      skipDuplicates,
    }),
    prisma.order.createMany({ data: range(PAYMENTS).map(orderRow), skipDuplicates }),
    prisma.payment.createMany({ data: range(PAYMENTS).map(paymentRow), skipDuplicates }),
  ]);
  log.info({ rows: inserted.reduce((sum, { count }) => sum + count, 0) }, 'billing seeded');
}

function orderRow(n: number) {
  const amount = formatCents(PAYMENT_CENTS);
  const identity = { id: `order-${pad(n)}`, orderNumber: `ORD2026010100${pad(n)}` };
  return { ...identity, userId: userOf(n), planId: 'plan-basic', amount, status: 'PAID', paidAt: new Date() };
}

function paymentRow(n: number) {
  const amount = formatCents(PAYMENT_CENTS);
  const identity = { id: `pay-${pad(n)}`, orderId: `order-${pad(n)}`, providerRef: `seed-${pad(n)}` };
  return {
    ...identity,
    userId: userOf(n),
    method: METHODS[(n - 1) % METHODS.length] ?? 'stripe',
    amount,
    status: 'SUCCESS',
  };
}

const userOf = (n: number) => `user-${pad(((n - 1) % USERS) + 1)}`;
const pad = (n: number) => String(n).padStart(4, '0');
const range = (length: number) => Array.from({ length }, (_, index) => index + 1);

import { randomBytes, randomUUID } from 'node:crypto';
import { TerminalError, writeEvent } from '../index.ts';
import { centsOf, centsOfDecimal, formatCents } from './money.ts';
import type { Db, Tx } from './ports.ts';

const ORDER_TTL_MS = 30 * 60_000;

export interface PurchaseInput {
  readonly userId: string;
  readonly planId: string;
  readonly amount: number;
}

/** The plan is for sale, at this price. */
export async function requirePlan(tx: Tx, { planId, amount }: PurchaseInput): Promise<void> {
  const plan = await tx.plan.findUnique({ where: { id: planId } });
  if (!plan) throw new TerminalError(`Plan ${planId} does not exist`, { code: 'PLAN_NOT_FOUND' });
  if (!plan.isActive) throw new TerminalError(`Plan ${planId} is not active`, { code: 'PLAN_NOT_ACTIVE' });
  if (centsOfDecimal(plan.price) !== centsOf(amount))
    throw new TerminalError(
      `Price of plan ${planId} is ${plan.price.toFixed(2)}, got ${formatCents(centsOf(amount))}`,
      { code: 'PRICE_MISMATCH' },
    );
}

/** A PENDING order; the same key again finds the order it made. */
export async function createOrder(tx: Tx, { userId, planId, amount }: PurchaseInput, key: string): Promise<string> {
  await tx.order.createMany({
    data: [
      {
        id: randomUUID(),
        orderNumber: newOrderNumber(),
        userId,
        planId,
        amount: formatCents(centsOf(amount)),
        creationKey: key,
        expiresAt: new Date(Date.now() + ORDER_TTL_MS),
      },
    ],
    skipDuplicates: true,
  });
  return (await tx.order.findUniqueOrThrow({ where: { creationKey: key } })).id;
}

function newOrderNumber(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  return `ORD${day}${randomBytes(6).toString('hex').toUpperCase()}`;
}

/** What is left of an order that came to nothing; one that was paid and given back keeps `refundedAt`. */
export async function cancelOrder(tx: Tx, orderId: string, sagaId: string, key: string): Promise<void> {
  const reason = await whyTurnedBack(tx, sagaId);
  const { count } = await tx.order.updateMany({
    where: { id: orderId, status: { in: ['PENDING', 'REFUNDED'] } },
    data: { status: 'CANCELLED', cancelReason: reason, cancelledAt: new Date() },
  });
  if (count === 0) throw await unexpectedStatus(tx, orderId, 'PENDING or REFUNDED');
  const payload = { sagaId, orderId, reason };
  await writeEvent(tx, { name: 'order.cancelled', key: `${key}:order.cancelled`, payload });
}

/** `saga_state` is there to be read by plain SQL. */
async function whyTurnedBack(tx: Tx, sagaId: string): Promise<string> {
  const saga = await tx.sagaState.findUnique({ where: { sagaId }, select: { errorMessage: true } });
  return saga?.errorMessage ?? 'The purchase was undone';
}

/** Throws no TerminalError: an earlier attempt may have charged already, and whoever asks by key will know. */
export async function requirePayableOrder(db: Db, orderId: string): Promise<void> {
  const order = await db.order.findUniqueOrThrow({ where: { id: orderId } });
  if (order.status !== 'PENDING' && order.status !== 'PAID')
    throw new Error(`Order ${orderId} is ${order.status}, expected PENDING`);
}

/** PAID → COMPLETED, and the world is told. */
export async function activateOrder(tx: Tx, state: PurchaseState, sagaId: string, key: string): Promise<void> {
  const { orderId, userId, planId, deviceId, paymentId } = state;
  const { count } = await tx.order.updateMany({
    where: { id: orderId, status: 'PAID' },
    data: { status: 'COMPLETED', completedAt: new Date() },
  });
  if (count === 0) throw await unexpectedStatus(tx, orderId, 'PAID');
  const completed = { sagaId, orderId, userId, planId, deviceId, paymentId };
  await writeEvent(tx, { name: 'order.completed', key: `${key}:order.completed`, payload: completed });
  const notification = { userId, orderId, message: `Order ${orderId} is complete: device ${deviceId} is yours` };
  await writeEvent(tx, { name: 'notification.send', key: `${key}:notification.send`, payload: notification });
}

export interface PurchaseState extends PurchaseInput {
  readonly orderId: string;
  readonly deviceId: string;
  readonly paymentId: string;
}

/** PAID or COMPLETED → REFUNDED: the order of a payment that was given back. */
export async function refundOrder(tx: Tx, paymentId: string): Promise<void> {
  const { orderId } = await tx.payment.findUniqueOrThrow({ where: { id: paymentId } });
  const { count } = await tx.order.updateMany({
    where: { id: orderId, status: { in: ['PAID', 'COMPLETED'] } },
    data: { status: 'REFUNDED', refundedAt: new Date() },
  });
  if (count === 0) throw await unexpectedStatus(tx, orderId, 'PAID or COMPLETED');
}

/** REFUNDED → PAID, or COMPLETED for an order that had come so far. */
export async function restoreOrder(tx: Tx, paymentId: string): Promise<void> {
  const { orderId } = await tx.payment.findUniqueOrThrow({ where: { id: paymentId } });
  const order = await tx.order.findUniqueOrThrow({ where: { id: orderId } });
  const { count } = await tx.order.updateMany({
    where: { id: orderId, status: 'REFUNDED' },
    data: { status: order.completedAt ? 'COMPLETED' : 'PAID', refundedAt: null },
  });
  if (count === 0) throw await unexpectedStatus(tx, orderId, 'REFUNDED');
}

async function unexpectedStatus(tx: Tx, orderId: string, expected: string): Promise<TerminalError> {
  const order = await tx.order.findUniqueOrThrow({ where: { id: orderId } });
  return new TerminalError(`Order ${orderId} is ${order.status}, expected ${expected}`, { code: 'ORDER_STATUS' });
}

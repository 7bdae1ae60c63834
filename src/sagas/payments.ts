import { createHash } from 'node:crypto';
import { TerminalError } from '../index.ts';
import { centsOf, centsOfDecimal, formatCents } from './money.ts';
import type { ChargeRequest, Db, RefundRequest, Tx } from './ports.ts';
import { methodSchema } from './ports.ts';

export interface RefundInput {
  readonly paymentId: string;
  readonly amount: number;
  readonly reason: string;
}

/** SUCCESS → REFUNDING: from here on no other refund can begin. */
export async function beginRefund(tx: Tx, { paymentId, amount }: RefundInput): Promise<void> {
  const payment = await tx.payment.findUnique({ where: { id: paymentId } });
  if (!payment) throw new TerminalError(`Payment ${paymentId} does not exist`, { code: 'PAYMENT_NOT_FOUND' });
  if (centsOf(amount) > centsOfDecimal(payment.amount))
    throw new TerminalError(
      `Payment ${paymentId} was ${payment.amount.toFixed(2)}, ${formatCents(centsOf(amount))} cannot be refunded`,
      { code: 'AMOUNT_TOO_HIGH' },
    );
  const { count } = await tx.payment.updateMany({
    where: { id: paymentId, status: 'SUCCESS' },
    data: { status: 'REFUNDING' },
  });
  if (count === 0) throw await unexpectedStatus(tx, paymentId, 'SUCCESS');
}

/** REFUNDING → SUCCESS; a payment that is not REFUNDING any more is left as it is. */
export async function abandonRefund(tx: Tx, paymentId: string): Promise<void> {
  await tx.payment.updateMany({ where: { id: paymentId, status: 'REFUNDING' }, data: { status: 'SUCCESS' } });
}

/** REFUNDING → REFUNDED. */
export async function completeRefund(tx: Tx, { paymentId, amount, reason }: RefundInput): Promise<void> {
  const { count } = await tx.payment.updateMany({
    where: { id: paymentId, status: 'REFUNDING' },
    data: {
      status: 'REFUNDED',
      refundAmount: formatCents(centsOf(amount)),
      refundReason: reason,
      refundedAt: new Date(),
    },
  });
  if (count === 0) throw await unexpectedStatus(tx, paymentId, 'REFUNDING');
}

/** REFUNDED → REFUNDING, as it was before `completeRefund`. */
export async function reopenRefund(tx: Tx, paymentId: string): Promise<void> {
  const { count } = await tx.payment.updateMany({
    where: { id: paymentId, status: 'REFUNDED' },
    data: { status: 'REFUNDING', refundAmount: null, refundReason: null, refundedAt: null },
  });
  if (count === 0) throw await unexpectedStatus(tx, paymentId, 'REFUNDED');
}

async function unexpectedStatus(tx: Tx, paymentId: string, expected: string): Promise<TerminalError> {
  const payment = await tx.payment.findUniqueOrThrow({ where: { id: paymentId } });
  return new TerminalError(`Payment ${paymentId} is ${payment.status}, expected ${expected}`, {
    code: 'PAYMENT_STATUS',
  });
}

/** What the provider is asked for. An error here proves nothing about an earlier attempt, so none is terminal. */
export async function refundRequest(db: Db, { paymentId, amount }: RefundInput, key: string): Promise<RefundRequest> {
  const payment = await db.payment.findUniqueOrThrow({ where: { id: paymentId } });
  if (payment.status !== 'REFUNDING') throw new Error(`Payment ${paymentId} is ${payment.status}, expected REFUNDING`);
  return {
    key,
    method: methodSchema.parse(payment.method),
    paymentId,
    userId: payment.userId,
    amountCents: centsOf(amount),
    paymentAmountCents: centsOfDecimal(payment.amount),
    originalKey: payment.providerRef,
  };
}

/** The same at every attempt: the provider's books and ours name one payment. */
export function paymentIdOf(chargeKey: string): string {
  return `pay-${createHash('sha256').update(chargeKey).digest('hex').slice(0, 24)}`;
}

/** A charge as a payment row, with the order PAID; once for a key. */
export async function recordPayment(db: Db, orderId: string, charge: ChargeRequest): Promise<void> {
  await db.$transaction(async (tx) => {
    if (!(await insertPayment(tx, orderId, charge))) return;
    const { count } = await tx.order.updateMany({
      where: { id: orderId, status: 'PENDING' },
      data: { status: 'PAID', paidAt: new Date() },
    });
    // Not terminal: the money has moved.
    if (count === 0) throw new Error(`Order ${orderId} is not PENDING: payment ${charge.paymentId} cannot be recorded`);
  });
}

/** False when an earlier attempt has recorded it, together with its order. */
async function insertPayment(tx: Tx, orderId: string, charge: ChargeRequest): Promise<boolean> {
  const { count } = await tx.payment.createMany({ data: [paymentRow(orderId, charge)], skipDuplicates: true });
  if (count === 1) return true;
  const known = await tx.payment.findUniqueOrThrow({ where: { id: charge.paymentId } });
  if (known.status === 'SUCCESS') return false;
  throw new Error(`Payment ${charge.paymentId} is ${known.status} already`);
}

/** The charge was given back: payment and order REFUNDED, also where the charge itself was never recorded. */
export async function recordReversal(db: Db, orderId: string, charge: ChargeRequest): Promise<void> {
  const refundedAt = new Date();
  const refund = { status: 'REFUNDED', refundAmount: formatCents(charge.amountCents), refundedAt };
  await db.$transaction(async (tx) => {
    await tx.payment.createMany({ data: [{ ...paymentRow(orderId, charge), ...refund }], skipDuplicates: true });
    await tx.payment.updateMany({ where: { id: charge.paymentId, status: { not: 'REFUNDED' } }, data: refund });
    await tx.order.updateMany({
      where: { id: orderId, status: { in: ['PENDING', 'PAID'] } },
      data: { status: 'REFUNDED', refundedAt },
    });
  });
}

function paymentRow(orderId: string, { paymentId, userId, method, amountCents, key }: ChargeRequest) {
  const amount = formatCents(amountCents);
  return { id: paymentId, orderId, userId, method, amount, status: 'SUCCESS', providerRef: key };
}

import { centsOf } from '../../../../src/sagas/money.ts';
import type { Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case } from './case.ts';
import { expectationOf, groupBy, judgeCases, keyOf } from './case.ts';
import type { Movement } from './money.ts';
import { centsOfText, movementsOf, sumOf } from './money.ts';

/** Group 2, refunds: what the books say was given back is what payment and order say. */
export function judgeRefunds(evidence: Evidence, cases: readonly Case[]): readonly Violation[] {
  const byKey = groupBy(movementsOf(evidence), ({ key }) => key);
  const refunds = cases.filter(({ saga }) => saga.saga_type === 'PAYMENT_REFUND');
  return [
    ...judgeCases(refunds, {
      '2 a refund is given once, or not at all': (known) =>
        judgeMoney(known, byKey.get(keyOf(known.saga.saga_id, 'CALL_PROVIDER_REFUND')) ?? []),
    }),
    ...judgePayments(
      evidence,
      groupBy(refunds, ({ saga }) => String(saga.input['paymentId'])),
    ),
  ];
}

const amountOf = ({ saga }: Case) => centsOf(saga.input['amount'] as number);

function judgeMoney(known: Case, moved: readonly Movement[]): readonly string[] {
  const refunds = moved.filter(({ kind }) => kind === 'refund');
  const [refunded, amount] = [sumOf(refunds), amountOf(known)];
  const found = `${refunded} of ${amount} cents are refunded in ${refunds.length} refunds`;
  if (refunds.length > 1 || (refunded !== 0 && refunded !== amount)) return [found];
  const expected = expectationOf(known, 'CALL_PROVIDER_REFUND');
  if (expected === 'present') return refunded === amount ? [] : [`The refund must stand: ${found}`];
  return expected === 'absent' && refunded !== 0 ? [`Nothing may be refunded: ${found}`] : [];
}

/** Several sagas may have tried one payment; seen together they make its status. */
function judgePayments(
  { payments, orders }: Evidence,
  byPayment: ReadonlyMap<string, readonly Case[]>,
): readonly Violation[] {
  const orderOf = new Map(orders.map((order) => [order.id, order]));
  return payments
    .filter(({ provider_ref: key }) => key?.startsWith('seed-') === true)
    .flatMap((payment) => {
      const tried = byPayment.get(payment.id) ?? [];
      const order = orderOf.get(payment.order_id);
      return [...judgePayment(payment, tried), ...judgeOrder(order?.status ?? 'none', tried)].map((message) => ({
        sagaId: tried.at(-1)?.saga.saga_id ?? null,
        rule: '2 books and payments agree',
        message: `Payment ${payment.id}: ${message}`,
      }));
    });
}

function judgePayment(payment: Evidence['payments'][number], tried: readonly Case[]): readonly string[] {
  const [done, ...more] = tried.filter((known) => expectationOf(known, 'UPDATE_PAYMENT_STATUS') === 'present');
  if (more.length > 0) return [`${more.length + 1} refunds of it are complete`];
  const refunded = payment.refund_amount === null ? null : centsOfText(payment.refund_amount);
  const found = `it is ${payment.status}, refunded ${refunded}`;
  if (done)
    return payment.status === 'REFUNDED' && refunded === amountOf(done) ? [] : [`A refund is complete: ${found}`];
  if (tried.some(isParked)) return [];
  return payment.status === 'SUCCESS' && refunded === null ? [] : [`No refund is complete: ${found}`];
}

function judgeOrder(status: string, tried: readonly Case[]): readonly string[] {
  const expected = tried.map((known) => expectationOf(known, 'UPDATE_ORDER_STATUS'));
  if (expected.includes('present')) return status === 'REFUNDED' ? [] : [`Refunded, and its order is ${status}`];
  if (expected.includes('either')) return [];
  return status === 'PAID' || status === 'COMPLETED' ? [] : [`Not refunded, and its order is ${status}`];
}

/** A person has yet to say what becomes of it, or has said that nothing does. */
const isParked = ({ saga }: Case) => saga.status === 'FAILED' || saga.status === 'ABANDONED';

import { centsOf } from '../../../../src/sagas/money.ts';
import { paymentIdOf } from '../../../../src/sagas/payments.ts';
import type { Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case } from './case.ts';
import { expectationOf, groupBy, judgeCases, keyOf, rowOf, undoKeyOf } from './case.ts';
import type { Movement } from './money.ts';
import { centsOfText, movementsOf, sumOf } from './money.ts';

/** Group 2, purchases: charge, payment, order and device are all there once, or nothing is left of any. */
export function judgePurchases(evidence: Evidence, cases: readonly Case[]): readonly Violation[] {
  const byKey = groupBy(movementsOf(evidence), ({ key, originalKey }) => originalKey ?? key);
  const payments = new Map(evidence.payments.map((payment) => [payment.id, payment]));
  const orders = new Map(evidence.orders.map((order) => [order.creation_key ?? order.id, order]));
  const devices = groupBy(evidence.devices, (device) => device.allocation_key ?? '');
  const told = new Set(evidence.notifications.map(({ key }) => key));
  const released = new Set(evidence.releases.map((release) => release.allocation_key));
  const purchases = cases.filter(({ saga }) => saga.saga_type === 'PAYMENT_PURCHASE');

  const moneyOf = (known: Case) => {
    const [key, undoKey] = [
      keyOf(known.saga.saga_id, 'PROCESS_PAYMENT'),
      undoKeyOf(known.saga.saga_id, 'PROCESS_PAYMENT'),
    ];
    return { key, moved: [...(byKey.get(key) ?? []), ...(byKey.get(undoKey) ?? [])] };
  };
  return judgeCases(purchases, {
    '2 a purchase is charged once, or not at all': (known) => judgeCharge(known, moneyOf(known).moved),
    '2 books and payments agree': (known) => {
      const { key, moved } = moneyOf(known);
      return judgePayment(known, moved, payments.get(paymentIdOf(key)));
    },
    '2 a purchase has an order, or a cancelled one': (known) =>
      judgeOrder(known, orders.get(keyOf(known.saga.saga_id, 'CREATE_ORDER'))),
    '2 a purchase has its device, or none': (known) => {
      const key = keyOf(known.saga.saga_id, 'ALLOCATE_DEVICE');
      const order = orders.get(keyOf(known.saga.saga_id, 'CREATE_ORDER'));
      return judgeDevice(known, devices.get(key) ?? [], order?.device_id ?? null, released.has(key));
    },
    '2 a user hears of what is complete': (known) => {
      const has = told.has(`${keyOf(known.saga.saga_id, 'ACTIVATE_ORDER')}:notification.send`);
      const due = known.saga.status === 'COMPLETED';
      return has === due ? [] : [due ? 'The user was not told' : 'The user was told of what did not come to be'];
    },
  });
}

const priceOf = ({ saga }: Case) => centsOf(saga.input['amount'] as number);

function judgeCharge(known: Case, moved: readonly Movement[]): readonly string[] {
  const charges = moved.filter(({ kind }) => kind === 'charge');
  const [charged, refunded, price] = [
    sumOf(charges),
    sumOf(moved.filter(({ kind }) => kind === 'refund')),
    priceOf(known),
  ];
  const found = `${charged} of ${price} cents are charged in ${charges.length} charges, ${refunded} refunded`;
  if (charges.length > 1 || (charged !== 0 && charged !== price) || (refunded !== 0 && refunded !== charged))
    return [found];
  const expected = expectationOf(known, 'PROCESS_PAYMENT');
  if (expected === 'present') return charged === price && refunded === 0 ? [] : [`The charge must stand: ${found}`];
  if (expected === 'either') return [];
  if (charged !== refunded) return [`Nothing may be left of the charge: ${found}`];
  const isClosed = charged > 0 || moved.some(({ kind }) => kind === 'void');
  if (rowOf(known, 'PROCESS_PAYMENT')?.status === 'COMPENSATED' && !isClosed)
    return ['The charge is undone, and its key is not voided: a charge that comes late would stand'];
  return [];
}

type Payment = Evidence['payments'][number];

function judgePayment(known: Case, moved: readonly Movement[], payment: Payment | undefined): readonly string[] {
  const charged = sumOf(moved.filter(({ kind }) => kind === 'charge'));
  if (payment && centsOfText(payment.amount) !== charged)
    return [`Payment ${payment.id} is of ${payment.amount}, and ${charged} cents were charged`];
  const status = payment?.status ?? 'none';
  switch (expectationOf(known, 'PROCESS_PAYMENT')) {
    case 'present':
      return status === 'SUCCESS' ? [] : [`The charge stands, and its payment is ${status}`];
    case 'absent': {
      const expected = charged > 0 ? 'REFUNDED' : 'none';
      return status === expected ? [] : [`${charged} cents were charged and given back, and the payment is ${status}`];
    }
    default:
      return [];
  }
}

type Order = Evidence['orders'][number];

function judgeOrder(known: Case, order: Order | undefined): readonly string[] {
  const status = order?.status ?? 'none';
  if (known.saga.status === 'COMPLETED') return status === 'COMPLETED' ? [] : [`It is COMPLETED, its order ${status}`];
  if (status === 'COMPLETED') return [`It is ${known.saga.status}, and its order is COMPLETED`];
  if (expectationOf(known, 'CREATE_ORDER') !== 'absent') return [];
  const undone = rowOf(known, 'CREATE_ORDER')?.status === 'COMPENSATED';
  if (undone ? status !== 'CANCELLED' : status !== 'none') return [`Its order must be given up, and is ${status}`];
  return order?.device_id == null ? [] : [`Its cancelled order has device ${order.device_id}`];
}

function judgeDevice(
  known: Case,
  devices: readonly Evidence['devices'][number][],
  ordered: string | null,
  released: boolean,
): readonly string[] {
  const held = devices.map(({ id }) => id).join(', ') || 'none';
  const expected = expectationOf(known, 'ALLOCATE_DEVICE');
  if (devices.length > 1) return [`It holds several devices: ${held}`];
  if (expected === 'present') return held === ordered ? [] : [`Its order has device ${ordered}, and it holds ${held}`];
  if (expected === 'either') return [];
  if (devices.length > 0) return [`It still holds device ${held}`];
  if (rowOf(known, 'ALLOCATE_DEVICE')?.status !== 'COMPENSATED' || released) return [];
  return ['Its device is released, and the key is not: a request that comes late would hold one'];
}

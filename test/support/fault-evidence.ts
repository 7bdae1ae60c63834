import { paymentIdOf } from '../../src/sagas/payments.ts';
import { expectedView } from '../faults/verdict/invariants/agreement.ts';
import { casesOf } from '../faults/verdict/invariants/case.ts';
import type { Draft } from './told-saga.ts';
import { START_MS, tellSaga } from './told-saga.ts';

export type { Draft } from './told-saga.ts';

export const IDS = {
  completed: 'every_kind-1',
  compensated: 'every_kind-2',
  parked: 'by_hand-1',
  sentOn: 'in_doubt-1',
  bought: 'payment_purchase-1',
  unbought: 'payment_purchase-2',
  refunded: 'payment_refund-1',
} as const;

const REQUEST = { n: 1, refusedAt: null, answer: 'yes' };
const REFUSED = { ...REQUEST, refusedAt: 'CLOSE' };
const PURCHASE = { userId: 'user-0001', planId: 'plan-basic', amount: 100, method: 'balance' };
const REFUND = { paymentId: 'pay-0001', amount: 100 };

/** Seven sagas that went as they should: two of every kind of step, one that a person sent on, one that waits for one, three of
 *  the billing. */
export function honestEvidence(): Draft {
  const draft = emptyEvidence();
  tellSaga(draft, { id: IDS.completed, type: 'EVERY_KIND', input: REQUEST });
  tellSaga(draft, { id: IDS.compensated, type: 'EVERY_KIND', input: REFUSED, failedAt: 'CLOSE' });
  tellSaga(draft, { id: IDS.sentOn, type: 'IN_DOUBT', input: REQUEST, inDoubtAt: 'SIGN' });
  tellSaga(draft, { id: IDS.parked, type: 'BY_HAND', input: REFUSED, failedAt: 'CLOSE' });
  tellSaga(draft, { id: IDS.bought, type: 'PAYMENT_PURCHASE', input: PURCHASE });
  const unbought = { ...PURCHASE, method: 'stripe' };
  tellSaga(draft, { id: IDS.unbought, type: 'PAYMENT_PURCHASE', input: unbought, failedAt: 'ACTIVATE_ORDER' });
  tellSaga(draft, { id: IDS.refunded, type: 'PAYMENT_REFUND', input: REFUND });
  addBilling(draft);
  addNotices(draft);
  return refreshViews(draft);
}

/** The API shows what the rows say now. */
export function refreshViews(draft: Draft): Draft {
  draft.views = new Map(casesOf(draft).map((known) => [known.saga.saga_id, expectedView(known)]));
  return draft;
}

function emptyEvidence(): Draft {
  const rows = { sagas: [], steps: [], log: [], tasks: [], changes: [], effects: [], outbox: [], consumed: [] };
  const desk = { toldNotices: [], groupRetries: [] };
  const billing = { notifications: [], payments: [], orders: [], devices: [], releases: [], entries: [], balances: [] };
  return {
    ...rows,
    ...billing,
    ...desk,
    accepted: [],
    impaired: [],
    books: [],
    voids: [],
    lines: [],
    jobs: [],
    views: new Map(),
    unforeseen: [],
  };
}

/** What was told of them: their ends, their tasks, and that they were parked. */
function addNotices(draft: Draft): void {
  const ended = draft.sagas.filter(({ status }) => status !== 'FAILED').map((saga) => `saga.finished:${saga.saga_id}`);
  const opened = draft.tasks.flatMap(({ id, saga_id: sagaId }) => [`task.opened:${id}`, `saga.parked:${sagaId}:1`]);
  for (const id of [...ended, ...opened]) {
    const name = `backstep.${id.split(':')[0]}`;
    draft.outbox.push({ id, name, key: `${id}:receiver`, payload: { notice: { id } }, relayed_at: new Date(START_MS) });
    draft.toldNotices.push({ id, taken: true });
  }
}

/** The books, balances, orders and devices of the three billing sagas. */
function addBilling(draft: Draft): void {
  const [bought, unbought] = [`${IDS.bought}:PROCESS_PAYMENT:do`, `${IDS.unbought}:PROCESS_PAYMENT:do`];
  const at = new Date(START_MS).toISOString();
  draft.entries.push({ key: bought, user_id: 'user-0001', amount: '-100.00' });
  draft.balances.push({ user_id: 'user-0001', before: '1000.00', after: '900.00' });
  const stripe = { method: 'stripe', paymentId: paymentIdOf(unbought), amount: 100, at };
  const refund = { method: 'wechat', paymentId: 'pay-0001', amount: 100, originalKey: 'seed-0001', at };
  draft.books.push(
    { ...stripe, operation: 'charge', key: unbought, originalKey: null },
    { ...stripe, operation: 'refund', key: `${IDS.unbought}:PROCESS_PAYMENT:undo`, originalKey: unbought },
    { ...refund, operation: 'refund', key: `${IDS.refunded}:CALL_PROVIDER_REFUND:do` },
  );
  const payment = { method: 'stripe', amount: '100.00', refund_amount: null };
  draft.payments.push(
    { ...payment, id: paymentIdOf(bought), order_id: 'order-b', status: 'SUCCESS', provider_ref: bought },
    { ...payment, id: paymentIdOf(unbought), order_id: 'order-u', status: 'REFUNDED', provider_ref: unbought },
    {
      ...payment,
      id: 'pay-0001',
      order_id: 'order-0001',
      status: 'REFUNDED',
      provider_ref: 'seed-0001',
      refund_amount: '100.00',
    },
  );
  const order = { amount: '100.00', device_id: null, creation_key: null };
  draft.orders.push(
    {
      ...order,
      id: 'order-b',
      status: 'COMPLETED',
      device_id: 'device-1',
      creation_key: `${IDS.bought}:CREATE_ORDER:do`,
    },
    { ...order, id: 'order-u', status: 'CANCELLED', creation_key: `${IDS.unbought}:CREATE_ORDER:do` },
    { ...order, id: 'order-0001', status: 'REFUNDED' },
  );
  draft.devices.push(
    { id: 'device-1', status: 'ALLOCATED', allocation_key: `${IDS.bought}:ALLOCATE_DEVICE:do` },
    { id: 'device-2', status: 'AVAILABLE', allocation_key: null },
  );
  draft.releases.push({ allocation_key: `${IDS.unbought}:ALLOCATE_DEVICE:do` });
}

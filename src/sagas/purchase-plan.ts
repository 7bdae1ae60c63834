import { z } from 'zod';
import { defineSaga, NOTHING_TO_UNDO, TerminalError } from '../index.ts';
import { requestDevice, releaseDevice, storeDevice } from './devices/requests.ts';
import { amountSchema, centsOf } from './money.ts';
import { activateOrder, cancelOrder, createOrder, requirePayableOrder, requirePlan } from './orders.ts';
import { paymentIdOf, recordPayment, recordReversal } from './payments.ts';
import type { ChargeRequest, Method, Ports } from './ports.ts';
import { methodSchema, textSchema } from './ports.ts';
import { DEVICE_TIMEOUT_MS, PROVIDER_TIMEOUT_MS } from './timeouts.ts';

export const purchaseInput = z.object({
  userId: textSchema(100),
  planId: textSchema(100),
  amount: amountSchema,
  method: methodSchema.default('stripe'),
});

/** What the device service answers. */
export const deviceAnswer = z.union([z.object({ deviceId: z.string() }), z.object({ refused: z.string() })]);

/** Buys a plan: an order, a device, a payment. */
export const purchasePlan = (ports: Ports) =>
  defineSaga('PAYMENT_PURCHASE', { input: purchaseInput, timeoutMs: ports.timeoutMs, db: ports.db })
    .transaction('VALIDATE_PLAN', {
      execute: ({ tx, input }) => requirePlan(tx, input),
      compensate: NOTHING_TO_UNDO,
    })
    .transaction('CREATE_ORDER', {
      execute: async ({ tx, input, key }) => ({ orderId: await createOrder(tx, input, key) }),
      compensate: ({ tx, output, sagaId, key }) => cancelOrder(tx, output.orderId, sagaId, key),
    })
    .wait('ALLOCATE_DEVICE', {
      request: ({ tx, sagaId, state, key }) => requestDevice(tx, { ...state, sagaId, key }),
      signal: deviceAnswer,
      accept: async ({ tx, state, answer }) => {
        if ('refused' in answer) throw new TerminalError(answer.refused, { code: 'DEVICE_REFUSED' });
        await storeDevice(tx, state.orderId, answer.deviceId);
        return { deviceId: answer.deviceId };
      },
      timeoutMs: DEVICE_TIMEOUT_MS,
      compensate: ({ tx, sagaId, state, output, key, executeKey }) =>
        releaseDevice(tx, { sagaId, orderId: state.orderId, deviceId: output?.deviceId, key, executeKey }),
    })
    .step('PROCESS_PAYMENT', {
      timeoutMs: PROVIDER_TIMEOUT_MS,
      execute: ({ state, key, signal }) => pay(ports, state, key, signal),
      verify: ({ state, key, signal }) => settlePayment(ports, state, key, signal),
      compensate: ({ state, key, executeKey, signal }) => reversePayment(ports, state, { key, executeKey }, signal),
    })
    .transaction('ACTIVATE_ORDER', {
      execute: ({ tx, state, sagaId, key }) => activateOrder(tx, state, sagaId, key),
      compensate: NOTHING_TO_UNDO,
    });

interface Payable {
  readonly orderId: string;
  readonly userId: string;
  readonly amount: number;
  readonly method: Method;
}

async function pay({ db, provider }: Ports, order: Payable, key: string, signal: AbortSignal) {
  await requirePayableOrder(db, order.orderId);
  const charge = chargeOf(order, key);
  await provider.charge(charge, signal);
  await recordPayment(db, order.orderId, charge);
  return { paymentId: charge.paymentId };
}

/** A charge whose answer was lost is recorded now. */
async function settlePayment({ db, provider }: Ports, order: Payable, key: string, signal: AbortSignal) {
  if (!(await provider.settle(order.method, key, signal))) return { kind: 'not-done' as const };
  const charge = chargeOf(order, key);
  await recordPayment(db, order.orderId, charge);
  return { kind: 'done' as const, output: { paymentId: charge.paymentId } };
}

/** By the key of the charge: whether or not it happened is the provider's to know. */
async function reversePayment(
  { db, provider }: Ports,
  order: Payable,
  { key, executeKey }: { key: string; executeKey: string },
  signal: AbortSignal,
): Promise<void> {
  const reversal = await provider.reverse({ key, method: order.method, chargeKey: executeKey }, signal);
  if (reversal === 'refunded') await recordReversal(db, order.orderId, chargeOf(order, executeKey));
}

function chargeOf({ userId, amount, method }: Payable, key: string): ChargeRequest {
  return { key, method, paymentId: paymentIdOf(key), userId, amountCents: centsOf(amount) };
}

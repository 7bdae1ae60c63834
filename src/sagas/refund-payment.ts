import { z } from 'zod';
import { defineSaga, manual } from '../index.ts';
import { amountOf, amountSchema } from './money.ts';
import { refundOrder, restoreOrder } from './orders.ts';
import type { RefundInput } from './payments.ts';
import { abandonRefund, beginRefund, completeRefund, refundRequest, reopenRefund } from './payments.ts';
import type { Method, Ports, Receipt } from './ports.ts';
import { methodSchema, textSchema } from './ports.ts';
import { PROVIDER_TIMEOUT_MS } from './timeouts.ts';

export const refundInput = z.object({ paymentId: textSchema(100), amount: amountSchema, reason: textSchema(500) });

const UNDO_BY_HAND = manual(
  'A provider refund cannot be taken back by program. Look up the key <sagaId>:CALL_PROVIDER_REFUND:do in the ' +
    "provider's books. If money was refunded and that is right, let the saga go on (done, or forward); if it is not, " +
    'collect it again from the customer, then resolve as undone. If none was, resolve as undone.',
);

/** Gives a payment back. Of several refunds of one payment, one runs. */
export const refundPayment = (ports: Ports) =>
  defineSaga('PAYMENT_REFUND', {
    input: refundInput,
    subject: (input) => input.paymentId,
    timeoutMs: ports.timeoutMs,
    db: ports.db,
  })
    .transaction('SET_REFUNDING_STATUS', {
      execute: async ({ tx, input }) => {
        await beginRefund(tx, input);
        return { refundingStatusSet: true };
      },
      compensate: ({ tx, input }) => abandonRefund(tx, input.paymentId),
    })
    .step('CALL_PROVIDER_REFUND', {
      timeoutMs: PROVIDER_TIMEOUT_MS,
      execute: ({ input, key, signal }) => refundAtProvider(ports, input, key, signal),
      verify: ({ input, key, signal }) => settleRefund(ports, input, key, signal),
      compensate: UNDO_BY_HAND,
    })
    .transaction('UPDATE_PAYMENT_STATUS', {
      execute: ({ tx, input }) => completeRefund(tx, input),
      compensate: ({ tx, input }) => reopenRefund(tx, input.paymentId),
    })
    .transaction('UPDATE_ORDER_STATUS', {
      execute: ({ tx, input }) => refundOrder(tx, input.paymentId),
      compensate: ({ tx, input }) => restoreOrder(tx, input.paymentId),
    });

async function refundAtProvider({ db, provider }: Ports, input: RefundInput, key: string, signal: AbortSignal) {
  const request = await refundRequest(db, input, key);
  return resultOf(request.method, await provider.refund(request, signal));
}

async function settleRefund({ db, provider }: Ports, { paymentId }: RefundInput, key: string, signal: AbortSignal) {
  const payment = await db.payment.findUniqueOrThrow({ where: { id: paymentId } });
  const method = methodSchema.parse(payment.method);
  const receipt = await provider.settle(method, key, signal);
  return receipt ? { kind: 'done' as const, output: resultOf(method, receipt) } : { kind: 'not-done' as const };
}

function resultOf(method: Method, { id, key, amountCents, at }: Receipt) {
  return { providerRefundResult: { refundId: id, key, method, amount: amountOf(amountCents), refundedAt: at } };
}

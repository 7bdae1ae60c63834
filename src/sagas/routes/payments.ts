import { z } from 'zod';
import type { Reply, Route, RouteRequest, Services } from '../../index.ts';
import { HttpError, route } from '../../index.ts';
import type { Payment } from '../generated/client.ts';
import { amountOf, amountSchema, centsOf, centsOfDecimal } from '../money.ts';
import type { Db } from '../ports.ts';
import { methodSchema, textSchema } from '../ports.ts';
import { BILLING, idempotencyHeader, locationOf, sagaIdSchema, startOptions } from './shared.ts';

const STATUSES = ['PENDING', 'SUCCESS', 'REFUNDING', 'REFUNDED', 'FAILED'] as const;

const paymentSchema = z
  .object({
    id: z.string(),
    orderId: z.string(),
    userId: z.string(),
    status: z.enum(STATUSES),
    amount: z.number(),
    method: methodSchema,
    refundAmount: z.number().nullable(),
    refundReason: z.string().nullable(),
    refundedAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'Payment' });

const PAYMENT: z.infer<typeof paymentSchema> = {
  id: 'pay-0042',
  orderId: 'order-0042',
  userId: 'user-0002',
  status: 'SUCCESS',
  amount: 100,
  method: 'alipay',
  refundAmount: null,
  refundReason: null,
  refundedAt: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const refundBody = z.strictObject({ amount: amountSchema, reason: textSchema(500) });
const pageQuery = z.strictObject({
  status: z.enum(STATUSES).exactOptional(),
  limit: z.coerce.number().int().min(1).max(500).exactOptional().describe('Default 500'),
  cursor: textSchema(100).exactOptional().describe('The nextCursor of the page before'),
});

type PageQuery = z.infer<typeof pageQuery>;
type RefundRequest = RouteRequest<{ paymentId: string }, unknown, z.infer<typeof refundBody>>;

export function paymentRoutes(db: Db): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/api/billing/payments/:paymentId/refund',
      role: 'starter',
      summary: 'Refund a payment; the answer does not wait for it',
      name: 'refundPayment',
      tag: BILLING,
      example: {
        params: { paymentId: 'pay-0042' },
        headers: { 'idempotency-key': 'refund-4711' },
        body: { amount: 100, reason: 'The device arrived broken' },
      },
      params: z.object({ paymentId: textSchema(100) }),
      headers: idempotencyHeader,
      body: refundBody,
      responses: {
        202: {
          description: 'Accepted; the payment is as it was before',
          schema: z.object({ sagaId: sagaIdSchema, payment: paymentSchema }),
          example: { sagaId: 'payment_refund-5a1c7f0e-2b3d-4c5e-8f90-a1b2c3d4e5f6', payment: PAYMENT },
          headers: { Location: 'The path of the saga' },
        },
        404: { description: 'UNKNOWN_PAYMENT' },
        409: { description: 'PAYMENT_STATUS: it is not SUCCESS; or SUBJECT_BUSY: another refund of it is running' },
        422: { description: 'INVALID_REQUEST, IDEMPOTENCY_KEY_REUSED, or AMOUNT_TOO_HIGH: more than was paid' },
      },
      handler: (request: RefundRequest, services) => startRefund(db, request, services),
    }),
    route({
      method: 'get',
      path: '/api/billing/payments',
      role: 'viewer',
      summary: 'List payments by id',
      name: 'listPayments',
      tag: BILLING,
      example: { query: { status: 'SUCCESS', limit: '20' } },
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of payments',
          schema: z.object({ items: z.array(paymentSchema), nextCursor: z.string().nullable() }),
          example: { items: [PAYMENT], nextCursor: null },
        },
      },
      handler: async ({ query }: RouteRequest<unknown, PageQuery>) => listPayments(db, query),
    }),
  ];
}

/** These checks give a clear answer at once. What counts is the saga's first step: it checks again as it writes. */
async function startRefund(db: Db, request: RefundRequest, { runner }: Services): Promise<Reply> {
  const { paymentId } = request.params;
  const { amount, reason } = request.body;
  const options = startOptions(request);
  const payment = await db.payment.findUnique({ where: { id: paymentId } });
  if (!payment) throw new HttpError(404, 'UNKNOWN_PAYMENT', `There is no payment ${paymentId}`);
  if (centsOf(amount) > centsOfDecimal(payment.amount))
    throw new HttpError(422, 'AMOUNT_TOO_HIGH', `Payment ${paymentId} was ${payment.amount.toFixed(2)}, got ${amount}`);
  if (payment.status !== 'SUCCESS' && !(await isRepeated(db, options.idempotencyKey)))
    throw new HttpError(409, 'PAYMENT_STATUS', `Payment ${paymentId} is ${payment.status}, expected SUCCESS`);
  const { sagaId } = await runner.start('PAYMENT_REFUND', { paymentId, amount, reason }, options);
  return { status: 202, body: { sagaId, payment: paymentView(payment) }, headers: locationOf(sagaId) };
}

/** The same request again gets the same answer, although the payment has moved on since. */
async function isRepeated(db: Db, idempotencyKey: string | undefined): Promise<boolean> {
  if (idempotencyKey === undefined) return false;
  const count = await db.sagaState.count({ where: { sagaType: 'PAYMENT_REFUND', idempotencyKey } });
  return count > 0;
}

async function listPayments(db: Db, { status, limit = 500, cursor }: PageQuery): Promise<Reply> {
  const rows = await db.payment.findMany({
    where: { ...(status === undefined ? {} : { status }), ...(cursor === undefined ? {} : { id: { gt: cursor } }) },
    orderBy: { id: 'asc' },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map(paymentView);
  return { status: 200, body: { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null } };
}

function paymentView({ id, orderId, userId, status, amount, method, ...payment }: Payment) {
  return {
    id,
    orderId,
    userId,
    status,
    amount: amountOf(centsOfDecimal(amount)),
    method,
    refundAmount: payment.refundAmount && amountOf(centsOfDecimal(payment.refundAmount)),
    refundReason: payment.refundReason,
    refundedAt: payment.refundedAt?.toISOString() ?? null,
    createdAt: payment.createdAt.toISOString(),
  };
}

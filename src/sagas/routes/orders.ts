import { z } from 'zod';
import type { Reply, Route, RouteRequest, Services } from '../../index.ts';
import { route } from '../../index.ts';
import { amountSchema } from '../money.ts';
import { methodSchema, textSchema } from '../ports.ts';
import { BILLING, idempotencyHeader, locationOf, sagaIdSchema, startOptions } from './shared.ts';

const PURCHASE_ID = 'payment_purchase-0d4c6a1e-7f0c-4a57-9d1e-0a3cf3f7a001';

const purchaseBody = z.strictObject({
  userId: textSchema(100),
  planId: textSchema(100),
  amount: amountSchema,
  method: methodSchema.exactOptional().describe('Default stripe'),
});

const statusView = z.object({
  sagaId: sagaIdSchema,
  status: z.string(),
  currentStep: z.string(),
  error: z.string().nullable(),
});

type PurchaseRequest = RouteRequest<unknown, unknown, z.infer<typeof purchaseBody>>;

export function orderRoutes(): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/api/orders/purchase',
      role: 'starter',
      summary: 'Buy a plan; the answer does not wait for it',
      name: 'purchasePlan',
      tag: BILLING,
      example: {
        headers: { 'idempotency-key': 'order-4711' },
        body: { userId: 'user-0001', planId: 'plan-basic', amount: 100, method: 'alipay' },
      },
      headers: idempotencyHeader,
      body: purchaseBody,
      responses: {
        202: {
          description: 'Accepted',
          schema: z.object({ sagaId: sagaIdSchema, message: z.string() }),
          example: { sagaId: PURCHASE_ID, message: 'Purchase accepted' },
          headers: { Location: 'The path of the saga' },
        },
        422: { description: 'INVALID_REQUEST or IDEMPOTENCY_KEY_REUSED' },
      },
      handler: startPurchase,
    }),
    route({
      method: 'get',
      path: '/api/orders/saga/:sagaId/status',
      role: 'viewer',
      summary: 'How far a purchase is',
      name: 'showPurchase',
      tag: BILLING,
      example: { params: { sagaId: PURCHASE_ID } },
      params: z.object({ sagaId: textSchema(100) }),
      responses: {
        200: {
          description: 'Its status',
          schema: statusView,
          example: { sagaId: PURCHASE_ID, status: 'RUNNING', currentStep: 'PROCESS_PAYMENT', error: null },
        },
        404: { description: 'UNKNOWN_SAGA' },
      },
      handler: showStatus,
    }),
  ];
}

async function startPurchase(request: PurchaseRequest, { runner }: Services): Promise<Reply> {
  const { sagaId } = await runner.start('PAYMENT_PURCHASE', request.body, startOptions(request));
  return { status: 202, body: { sagaId, message: 'Purchase accepted' }, headers: locationOf(sagaId) };
}

async function showStatus({ params }: RouteRequest<{ sagaId: string }>, { runner }: Services): Promise<Reply> {
  const { sagaId, status, currentStep, error } = await runner.get(params.sagaId);
  return { status: 200, body: { sagaId, status, currentStep, error } };
}

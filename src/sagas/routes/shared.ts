import { z } from 'zod';
import type { RouteRequest } from '../../index.ts';

export const BILLING = { name: 'Billing', description: 'Purchases and refunds: the billing example.' };

export const sagaIdSchema = z.string().describe('Such as payment_refund-<uuid>');

export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'An idempotency key is 1 to 200 visible ASCII characters')
    .exactOptional()
    .describe('1 to 200 visible ASCII characters; the same key again is the same request'),
});

/** Who starts a saga, and under which key. */
export function startOptions({ headers, actor }: Pick<RouteRequest, 'headers' | 'actor'>) {
  const idempotencyKey = headers['idempotency-key'];
  return idempotencyKey === undefined ? { actor } : { actor, idempotencyKey };
}

export function locationOf(sagaId: string): Readonly<Record<string, string>> {
  return { location: `/api/sagas/${encodeURIComponent(sagaId)}` };
}

import { z } from 'zod';
import { MAX_CENTS } from '../money.ts';
import { methodSchema, textSchema } from '../ports.ts';

const key = textSchema(250);
const cents = z.number().int().min(1).max(MAX_CENTS);

export const chargeSchema = z.strictObject({
  key,
  paymentId: textSchema(100),
  userId: textSchema(100),
  amountCents: cents,
});

export const refundSchema = z.strictObject({
  key,
  paymentId: textSchema(100),
  userId: textSchema(100),
  amountCents: cents,
  paymentAmountCents: cents,
  originalKey: key.nullable(),
});

export const reversalSchema = z.strictObject({ key, chargeKey: key });

export const settlementSchema = z.strictObject({ key });

/**
 * What goes wrong, the next `times` times. `error`: nothing happens, answered 503. `reject`: nothing happens, answered 422.
 * `slow`: it happens after `delayMs`. `lost-reply`: it happens, and the connection drops without an answer.
 */
export const faultSchema = z
  .strictObject({
    operation: z.enum(['charge', 'refund', 'lookup']),
    fault: z.enum(['error', 'slow', 'lost-reply', 'reject']),
    times: z.number().int().min(1).max(1_000_000).default(1),
    message: textSchema(1_000).exactOptional(),
    delayMs: z.number().int().min(0).max(600_000).default(1_000),
  })
  .meta({ id: 'SandboxFault' });

export type Fault = z.infer<typeof faultSchema>;
export const faultsSchema = z.object({ items: z.array(faultSchema) });

/** Of a charge the payer's own; of a refund what it gives back. */
const operationSchema = z.object({
  operation: z.enum(['charge', 'refund']),
  id: z.string(),
  key: z.string(),
  method: methodSchema,
  paymentId: z.string(),
  amount: z.number(),
  originalKey: z.string().nullable(),
  at: z.string(),
});

/** Money that moved, and the keys under which nothing may be done any more. */
export const booksSchema = z
  .object({
    items: z.array(operationSchema),
    voids: z.array(z.object({ key: z.string(), method: methodSchema, at: z.string() })),
  })
  .meta({ id: 'SandboxBooks' });

const entry = { key: z.string(), method: methodSchema, at: z.string() };
const movement = { ...entry, id: z.string(), paymentId: z.string(), amountCents: cents, request: z.string() };

/** A line of the books. `request` tells the same request from another one with its key. */
export const entrySchema = z.discriminatedUnion('operation', [
  z.object({ operation: z.literal('charge'), ...movement }),
  z.object({
    operation: z.literal('refund'),
    ...movement,
    paymentAmountCents: cents,
    originalKey: z.string().nullable(),
  }),
  z.object({ operation: z.literal('void'), ...entry }),
]);

export type Entry = z.infer<typeof entrySchema>;
export type Movement = Exclude<Entry, { operation: 'void' }>;

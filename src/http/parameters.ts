/** What requests are made of. */
import { z } from 'zod';

export const sagaId = z
  .string()
  .regex(/^[\w-]{1,100}$/, 'A saga id is expected, such as payment_refund-<uuid>')
  .describe('The id of a saga');

export const sagaType = z
  .string()
  .regex(/^[A-Za-z]\w{0,49}$/, 'A saga type is expected, such as PAYMENT_REFUND')
  .describe('The type of a saga');

export const stepName = z
  .string()
  .regex(/^\w{1,100}$/, 'The name of a step is expected, such as CREATE_ORDER')
  .describe('The name of a step');

/** A `bigserial` as text. */
export const taskId = z
  .string()
  .regex(/^[1-9]\d{0,17}$/, 'The number of a task is expected')
  .describe('Its number');

export const fingerprint = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'The fingerprint of a group is expected')
  .describe('The fingerprint of a group of tasks');

export const reason = z.string().trim().min(1).max(1_000);

/** Any JSON object: the saga's own schema has its say later. */
export const jsonObject = z.record(z.string(), z.unknown());

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(IDEMPOTENCY_KEY, 'An idempotency key is 1 to 200 visible ASCII characters')
    .exactOptional()
    .describe('1 to 200 visible ASCII characters; the same key again is the same request'),
});

/** Which part of a list. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(200).exactOptional().describe('Default 50'),
  cursor: z
    .string()
    .regex(/^[\x21-\x7e]{1,500}$/, 'A cursor is the nextCursor of another page')
    .exactOptional()
    .describe('The nextCursor of the page before'),
};

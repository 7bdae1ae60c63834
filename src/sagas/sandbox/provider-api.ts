import { setTimeout as sleep } from 'node:timers/promises';
import type { Method } from '../ports.ts';
import { METHOD_NAMES } from '../ports.ts';
import type { Books } from './books.ts';
import { Refusal } from './books.ts';
import type { Faults } from './faults.ts';
import type { Fault, Movement } from './schemas.ts';
import { chargeSchema, refundSchema, reversalSchema, settlementSchema } from './schemas.ts';

/** `lost`: it was done, but nobody is told. */
export type Answer = { readonly status: number; readonly body: unknown } | 'lost';

interface Operation {
  readonly kind: Fault['operation'];
  readonly key: string;
  /** Acts when called, and not before. */
  readonly act: () => { readonly status: number; readonly body: unknown };
}

/** The requests of the provider's API, by the last part of their path; a body that is none of theirs throws a ZodError. */
const OPERATIONS: Readonly<Record<string, (books: Books, method: Method, body: unknown) => Operation>> = {
  charges: (books, method, body) => {
    const request = chargeSchema.parse(body);
    return { kind: 'charge', key: request.key, act: () => created(books.charge(method, request)) };
  },
  refunds: (books, method, body) => {
    const request = refundSchema.parse(body);
    return { kind: 'refund', key: request.key, act: () => created(books.refund(method, request)) };
  },
  reversals: (books, method, body) => {
    const request = reversalSchema.parse(body);
    const act = () => ({ status: 200, body: { outcome: books.reverse(method, request) } });
    return { kind: 'refund', key: request.key, act };
  },
  settlements: (books, method, body) => {
    const { key } = settlementSchema.parse(body);
    const act = () => {
      const movement = books.settle(method, key);
      return { status: 200, body: { receipt: movement ? receiptOf(movement) : null } };
    };
    return { kind: 'lookup', key, act };
  },
};

export function findOperation(name: string) {
  return Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
}

/** Acts, unless a fault was ordered. `stopping` ends the wait of a slow operation: it then never acts. */
export async function perform(
  { books, faults, stopping }: { books: Books; faults: Faults; stopping: AbortSignal },
  method: Method,
  { kind, key, act }: Operation,
): Promise<Answer> {
  const fault = faults.take(kind);
  if (!fault) return act();
  switch (fault.fault) {
    case 'error':
      throw new Refusal(503, 'UNAVAILABLE', fault.message ?? `${METHOD_NAMES[method]} API timeout`);
    case 'reject':
      // What was accepted before is not rejected now: the same request gets the same answer.
      if (books.find(key)) return act();
      throw new Refusal(422, 'REJECTED', fault.message ?? `${METHOD_NAMES[method]} rejected the ${kind}`);
    case 'slow':
      await sleep(fault.delayMs, undefined, { signal: stopping });
      return act();
    case 'lost-reply':
      act();
      return 'lost';
    default:
      return fault.fault satisfies never;
  }
}

const created = (movement: Movement) => ({ status: 201, body: receiptOf(movement) });

export function receiptOf({ id, key, amountCents, at }: Movement) {
  return { id, key, amountCents, at };
}

import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { formatCents } from '../money.ts';
import type { Method, Reversal } from '../ports.ts';
import type { BooksFile } from './books-file.ts';
import type { Entry, Movement, chargeSchema, refundSchema, reversalSchema } from './schemas.ts';

/** What the provider refuses, as it answers. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The provider's books. Everything is decided and written in one go, so requests cannot get between. */
export interface Books {
  charge(method: Method, request: z.infer<typeof chargeSchema>): Movement;
  refund(method: Method, request: z.infer<typeof refundSchema>): Movement;
  /** Gives back what is left of a charge, or forbids the charge for good. */
  reverse(method: Method, request: z.infer<typeof reversalSchema>): Reversal;
  /** The movement under a key; if there is none, the key is forbidden for good. */
  settle(method: Method, key: string): Movement | undefined;
  find(key: string): Entry | undefined;
  list(): readonly Entry[];
}

export function createBooks(file: BooksFile): Books {
  const entries: Entry[] = [];
  const byKey = new Map<string, Entry>();
  const byPayment = new Map<string, Movement[]>();
  const index = (entry: Entry) => {
    entries.push(entry);
    byKey.set(entry.key, entry);
    if (entry.operation !== 'void') byPayment.set(entry.paymentId, [...(byPayment.get(entry.paymentId) ?? []), entry]);
  };
  file.entries.forEach(index);

  const write = <E extends Entry>(entry: E): E => {
    file.append(entry);
    index(entry);
    return entry;
  };
  const forbid = (method: Method, key: string) => write({ operation: 'void', key, method, at: now() });
  const movementsOf = (paymentId: string) => byPayment.get(paymentId) ?? [];

  return {
    charge: (method, request) => {
      const seen = fingerprint('charge', method, request);
      const known = repeated(byKey.get(request.key), seen);
      if (known) return known;
      const { key, paymentId, amountCents } = request;
      if (movementsOf(paymentId).some(({ operation }) => operation === 'charge'))
        throw new Refusal(409, 'ALREADY_CHARGED', `Payment ${paymentId} was charged under another key`);
      return write({ operation: 'charge', ...identity('ch'), key, method, paymentId, amountCents, request: seen });
    },
    refund: (method, request) => {
      const seen = fingerprint('refund', method, request);
      const known = repeated(byKey.get(request.key), seen);
      if (known) return known;
      checkRefund(movementsOf(request.paymentId), request);
      const { userId: _userId, ...rest } = request;
      return write({ operation: 'refund', ...identity('re'), ...rest, method, request: seen });
    },
    reverse: (method, request) => {
      const seen = fingerprint('reversal', method, request);
      if (repeated(byKey.get(request.key), seen)) return 'refunded';
      const charge = byKey.get(request.chargeKey) ?? forbid(method, request.chargeKey);
      if (charge.operation === 'void') return 'voided';
      if (charge.operation === 'refund')
        throw new Refusal(409, 'NOT_A_CHARGE', `Key ${request.chargeKey} is a refund's`);
      const amountCents = charge.amountCents - refundedCents(movementsOf(charge.paymentId));
      if (amountCents > 0) write({ ...reversalOf(charge, amountCents), key: request.key, request: seen });
      return 'refunded';
    },
    settle: (method, key) => {
      const entry = byKey.get(key) ?? forbid(method, key);
      return entry.operation === 'void' ? undefined : entry;
    },
    find: (key) => byKey.get(key),
    list: () => entries,
  };
}

/** The entry of the same request made before. The key of another request, or a forbidden one, is refused. */
function repeated(known: Entry | undefined, request: string): Movement | undefined {
  if (known?.operation === 'void')
    throw new Refusal(409, 'KEY_VOIDED', `Key ${known.key} was voided: nothing may be done under it`);
  if (known && known.request !== request)
    throw new Refusal(409, 'KEY_REUSED', `Key ${known.key} was used for another request`);
  return known;
}

function checkRefund(movements: readonly Movement[], request: z.infer<typeof refundSchema>): void {
  const { paymentId, amountCents, paymentAmountCents } = request;
  const paid = paidCents(movements) ?? paymentAmountCents;
  const refunded = refundedCents(movements);
  if (refunded + amountCents > paid)
    throw new Refusal(
      422,
      'REFUND_TOO_HIGH',
      `Payment ${paymentId} was ${formatCents(paid)}, of which ${formatCents(refunded)} is refunded: ` +
        `${formatCents(amountCents)} more is too much`,
    );
}

/** A payment from before these books is what its first refund said it was. */
function paidCents(movements: readonly Movement[]): number | undefined {
  const charge = movements.find(({ operation }) => operation === 'charge');
  if (charge) return charge.amountCents;
  const [first] = movements;
  return first?.operation === 'refund' ? first.paymentAmountCents : undefined;
}

function refundedCents(movements: readonly Movement[]): number {
  return movements.reduce((sum, { operation, amountCents }) => (operation === 'refund' ? sum + amountCents : sum), 0);
}

function reversalOf(charge: Movement, amountCents: number) {
  const { method, paymentId, key, amountCents: paymentAmountCents } = charge;
  const money = { method, paymentId, amountCents, paymentAmountCents, originalKey: key };
  return { operation: 'refund' as const, ...identity('re'), ...money };
}

/** The same for the same request, whatever the order of its fields. */
function fingerprint(operation: string, method: Method, request: object): string {
  const fields = Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([operation, method, fields]);
}

const now = () => new Date().toISOString();
const identity = (prefix: string) => ({ id: `${prefix}_${randomUUID()}`, at: now() });

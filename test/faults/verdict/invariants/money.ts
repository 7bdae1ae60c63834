import { centsOf } from '../../../../src/sagas/money.ts';
import type { BookItem, Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';

/** Money that moved under a key, at the provider or in the balances. */
export interface Movement {
  readonly key: string;
  readonly kind: 'charge' | 'refund' | 'void';
  readonly cents: number;
  /** The charge that a refund gives back, where it says so. */
  readonly originalKey: string | null;
}

export const centsOfText = (amount: string) => Math.round(Number(amount) * 100);

export function movementsOf({ books, voids, entries }: Evidence): readonly Movement[] {
  return [
    ...books.map((item) => ({
      key: item.key,
      kind: item.operation,
      cents: centsOf(item.amount),
      originalKey: item.originalKey,
    })),
    ...voids.map(({ key }) => ({ key, kind: 'void' as const, cents: 0, originalKey: null })),
    ...entries.map(({ key, amount }) => {
      const cents = centsOfText(amount);
      const kind = cents < 0 ? ('charge' as const) : cents > 0 ? ('refund' as const) : ('void' as const);
      return { key, kind, cents: Math.abs(cents), originalKey: null };
    }),
  ];
}

export const sumOf = (movements: readonly Movement[]) => movements.reduce((sum, { cents }) => sum + cents, 0);

/** Group 2, what concerns no single saga: nobody moved money but the sagas, and never more than there was. */
export function judgeBooks(evidence: Evidence): readonly Violation[] {
  return [...strayMovements(evidence), ...overRefunds(evidence), ...balanceGaps(evidence), ...strayPayments(evidence)];
}

function strayMovements(evidence: Evidence): readonly Violation[] {
  const steps = ['PROCESS_PAYMENT:do', 'PROCESS_PAYMENT:undo', 'CALL_PROVIDER_REFUND:do'];
  const known = new Set(evidence.sagas.flatMap((saga) => steps.map((step) => `${saga.saga_id}:${step}`)));
  return movementsOf(evidence)
    .filter(({ key }) => !known.has(key))
    .map(({ key, kind, cents }) => ({
      sagaId: null,
      rule: '2 only sagas move money',
      message: `A ${kind} of ${cents} cents under ${key}, which no saga has`,
    }));
}

function overRefunds({ books, payments }: Evidence): readonly Violation[] {
  const paid = new Map(payments.map(({ id, amount }) => [id, centsOfText(amount)]));
  const refunded = new Map<string, number>();
  const charged = new Map<string, number>();
  const add = (sums: Map<string, number>, { paymentId, amount }: BookItem) =>
    sums.set(paymentId, (sums.get(paymentId) ?? 0) + centsOf(amount));
  for (const item of books) add(item.operation === 'charge' ? charged : refunded, item);
  return [...refunded].flatMap(([paymentId, cents]) => {
    const limit = charged.get(paymentId) ?? paid.get(paymentId) ?? 0;
    if (cents <= limit) return [];
    const message = `Payment ${paymentId} was ${limit} cents, of which ${cents} are refunded`;
    return [{ sagaId: null, rule: '2 nothing is refunded twice', message }];
  });
}

function balanceGaps({ balances, entries }: Evidence): readonly Violation[] {
  return balances.flatMap(({ user_id: user, before, after }) => {
    const moved = entries
      .filter((entry) => entry.user_id === user)
      .reduce((sum, { amount }) => sum + centsOfText(amount), 0);
    const [was, is] = [centsOfText(before ?? '0'), centsOfText(after ?? '0')];
    if (was + moved === is) return [];
    const message = `Balance of ${user} was ${was} cents, its entries are ${moved}, and it is ${is}`;
    return [{ sagaId: null, rule: '2 balances are the sum of their entries', message }];
  });
}

/** Our tables know of no charge that the books do not know of. */
function strayPayments(evidence: Evidence): readonly Violation[] {
  const charged = new Set(movementsOf(evidence).flatMap(({ key, kind }) => (kind === 'charge' ? [key] : [])));
  return evidence.payments
    .filter(({ provider_ref: key }) => key === null || (!key.startsWith('seed-') && !charged.has(key)))
    .map(({ id, status, provider_ref: key }) => ({
      sagaId: null,
      rule: '2 books and payments agree',
      message: `Payment ${id} is ${status}, and nothing was charged under ${key}`,
    }));
}

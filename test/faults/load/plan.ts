import type { Request } from '../sagas/kinds.ts';
import type { Random } from '../random.ts';
import { seededRandom } from '../random.ts';

/** A saga that will be asked for. */
export interface PlannedSaga {
  readonly type: string;
  /** When, as a part of the run's time. */
  readonly at: number;
  readonly path: string;
  readonly body: object;
  readonly key: string;
  /** Its start is repeated although it was answered. */
  readonly repeated: boolean;
  readonly cancelAfterMs: number | null;
}

const TYPES = [
  { type: 'PAYMENT_PURCHASE', weight: 26 },
  { type: 'PAYMENT_REFUND', weight: 20 },
  { type: 'EVERY_KIND', weight: 20 },
  { type: 'EVERY_KIND_ON', weight: 10 },
  { type: 'EVERY_KIND_BRIEF', weight: 7 },
  { type: 'BY_HAND', weight: 6 },
  { type: 'IN_DOUBT', weight: 11 },
] as const;
type Type = (typeof TYPES)[number]['type'];

const METHODS = ['wechat', 'alipay', 'stripe', 'paypal', 'balance'] as const;
const OFFERS = [
  { planId: 'plan-basic', amount: 100, weight: 50 },
  { planId: 'plan-standard', amount: 200, weight: 30 },
  { planId: 'plan-premium', amount: 499.9, weight: 12 },
  { planId: 'plan-retired', amount: 50, weight: 4 },
  { planId: 'plan-basic', amount: 99.99, weight: 4 },
];
const STEPS: Readonly<Record<'every' | 'hand', readonly string[]>> = {
  every: ['BOOK', 'ENTER', 'CLAIM', 'SEND', 'CLOSE', 'CLOSE'],
  hand: ['SIGN', 'CLOSE', 'CLOSE'],
};
const UNDONE = ['BOOK', 'ENTER', 'ASK', 'CLAIM', 'SEND'] as const;

/** What will be asked of the system: the same for the same seed. */
export function planSagas(seed: number, count: number): readonly PlannedSaga[] {
  const random = seededRandom(seed, 'workload');
  let payments = 0;
  return Array.from({ length: count }, (_, n) => {
    const { type } = random.weighted(TYPES);
    const common = {
      type,
      at: random.fraction(),
      key: `seed-${seed}-${n}`,
      repeated: random.chance(0.1),
      cancelAfterMs: random.chance(0.07) ? random.integer(0, 4_000) : null,
    };
    if (type === 'PAYMENT_PURCHASE') return { ...common, ...purchase(random) };
    if (type !== 'PAYMENT_REFUND') return { ...common, path: `/api/sagas/${type}`, body: request(random, type, n) };
    const again = payments > 0 && random.chance(0.12);
    if (!again) payments += 1;
    return { ...common, ...refund(random, again ? random.integer(1, payments) : payments, again) };
  });
}

function purchase(random: Random) {
  const { planId, amount } = random.weighted(OFFERS);
  const userId = `user-${pad(random.integer(1, 20))}`;
  return { path: '/api/orders/purchase', body: { userId, planId, amount, method: random.pick(METHODS) } };
}

/** A second refund of a payment is asked of the saga itself: the application's own route would turn most of them away. */
function refund(random: Random, payment: number, again: boolean) {
  const body = { amount: random.pick([100, 100, 40.5]), reason: 'changed my mind' };
  const paymentId = `pay-${pad(payment)}`;
  return again
    ? { path: '/api/sagas/PAYMENT_REFUND', body: { ...body, paymentId } }
    : { path: `/api/billing/payments/${paymentId}/refund`, body };
}

function request(random: Random, type: Exclude<Type, 'PAYMENT_PURCHASE' | 'PAYMENT_REFUND'>, n: number): Request {
  const byHand = type === 'BY_HAND' || type === 'IN_DOUBT';
  const refuses = random.chance(byHand ? 0.5 : 0.35);
  return {
    n,
    refusedAt: refuses ? random.pick(STEPS[byHand ? 'hand' : 'every']) : null,
    undoFailsAt: refuses && random.chance(0.4) ? random.pick(UNDONE) : null,
    undoFailures: random.pick([1, 2, 3, 3, 4]),
    paceMs: type === 'EVERY_KIND_BRIEF' ? random.integer(200, 1_400) : random.pick([0, 20, 100, 300, 700]),
    answer: random.weighted([
      { answer: 'yes' as const, weight: 86 },
      { answer: 'no' as const, weight: 7 },
      { answer: 'none' as const, weight: 7 },
    ]).answer,
  };
}

const pad = (n: number) => String(n).padStart(4, '0');

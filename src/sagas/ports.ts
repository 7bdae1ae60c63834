import { z } from 'zod';
import type { PrismaClient } from './generated/client.ts';
import type { TransactionOf } from '../index.ts';

export type Db = PrismaClient;
/** A transaction of the application's own client. */
export type Tx = TransactionOf<PrismaClient>;

export const METHODS = ['wechat', 'alipay', 'stripe', 'paypal', 'balance'] as const;
export const methodSchema = z.enum(METHODS);
export type Method = z.infer<typeof methodSchema>;

export const METHOD_NAMES: Readonly<Record<Method, string>> = {
  wechat: 'WeChat',
  alipay: 'Alipay',
  stripe: 'Stripe',
  paypal: 'PayPal',
  balance: 'Balance',
};

/** A text in a request that PostgreSQL can keep. */
export const textSchema = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !text.includes('\u0000'), 'The character \\u0000 cannot be stored');

/** Every request carries an idempotency key: the same key moves money once, whatever is repeated. */
export interface ChargeRequest {
  readonly key: string;
  readonly method: Method;
  readonly paymentId: string;
  readonly userId: string;
  readonly amountCents: number;
}

export interface RefundRequest {
  readonly key: string;
  readonly method: Method;
  readonly paymentId: string;
  readonly userId: string;
  readonly amountCents: number;
  /** What was paid: the refunds of a payment never exceed it. */
  readonly paymentAmountCents: number;
  /** The provider's reference of the charge, where it is known. */
  readonly originalKey: string | null;
}

export interface ReversalRequest {
  readonly key: string;
  readonly method: Method;
  /** The key of the charge to be undone. */
  readonly chargeKey: string;
}

/** The provider's word that money moved. */
export interface Receipt {
  /** The provider's own number. */
  readonly id: string;
  readonly key: string;
  readonly amountCents: number;
  /** ISO 8601. */
  readonly at: string;
}

/** `voided`: nothing was charged, and a charge that arrives late under its key will be refused. */
export type Reversal = 'refunded' | 'voided';

/** A payment provider. It throws a `TerminalError` only when it refused: anything else may have acted. */
export interface PaymentProvider {
  charge(request: ChargeRequest, signal: AbortSignal): Promise<Receipt>;
  refund(request: RefundRequest, signal: AbortSignal): Promise<Receipt>;
  /** Gives back what was charged under a key, or sees to it that nothing ever will be. */
  reverse(request: ReversalRequest, signal: AbortSignal): Promise<Reversal>;
  /**
   * What was done under a key. Undefined means nothing, for good: the provider refuses the key from then on. A mere
   * look-up could not promise that, since an earlier request may still be on its way.
   */
  settle(method: Method, key: string, signal: AbortSignal): Promise<Receipt | undefined>;
}

/** What the billing sagas work with. */
export interface Ports {
  readonly db: Db;
  readonly provider: PaymentProvider;
  /** The deadline of a saga in milliseconds. */
  readonly timeoutMs: number;
}

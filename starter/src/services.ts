import { createHash } from 'node:crypto';
import { TerminalError } from 'backstep';

/** What the saga needs of a hotel. The same key again is the same booking. */
export interface Hotel {
  book(key: string, city: string): Promise<{ bookingId: string }>;
  /** Gives back what was booked under the key, if anything was: a booking of that key that arrives later is refused. */
  release(key: string): Promise<void>;
}

/** What it needs of a bank. */
export interface Bank {
  /** Throws a `TerminalError` where the card is refused; any other error may have charged. */
  charge(key: string, amountCents: number): Promise<{ chargeId: string }>;
  /** What was charged under the key. Undefined means nothing, for good: the key is refused from then on. */
  settle(key: string): Promise<{ chargeId: string } | undefined>;
  /** Gives back what was charged under the key, or sees to it that nothing ever will be. */
  refund(key: string): Promise<void>;
}

export interface Post {
  send(key: string, text: string): Promise<void>;
}

export interface Services {
  readonly hotel: Hotel;
  readonly bank: Bank;
  readonly post: Post;
}

export const LIMIT_CENTS = 100_000;

/** Stands for systems elsewhere: it keeps nothing, and answers the same to the same key. Put yours here. */
export const pretended: Services = {
  hotel: {
    book: async (key) => ({ bookingId: numberOf('hotel', key) }),
    release: async () => undefined,
  },
  bank: {
    charge: async (key, amountCents) => {
      if (amountCents > LIMIT_CENTS) throw new TerminalError(`${amountCents} cents are over the limit of the card`);
      return { chargeId: numberOf('charge', key) };
    },
    settle: async () => undefined,
    refund: async () => undefined,
  },
  post: { send: async () => undefined },
};

function numberOf(what: string, key: string): string {
  return `${what}-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
}

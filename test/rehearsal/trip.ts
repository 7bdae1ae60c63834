import { z } from 'zod';
import { TerminalError, defineSaga } from '../../src/index.ts';
import type { MemoryDb, World } from '../../src/rehearsal/index.ts';
import { memoryDb } from '../../src/rehearsal/index.ts';

export interface Ledger {
  readonly seats: Map<string, 'held' | 'given back'>;
}

/** A provider that knows its keys: an effect once, taken back once, and none under a key that was taken back. */
export function cards() {
  const charges = new Map<string, number>();
  const refused = new Set<string>();
  return {
    charge: (key: string, cents: number) => {
      if (refused.has(key)) throw new TerminalError(`Key ${key} is void`);
      charges.set(key, cents);
    },
    refund: (key: string) => {
      refused.add(key);
      charges.delete(key);
    },
    isCharged: (key: string) => charges.has(key),
    total: () => [...charges.values()].reduce((sum, cents) => sum + cents, 0),
  };
}

export type Cards = ReturnType<typeof cards>;
export const input = { cents: 700 };

/** A seat in the database, money at a provider, a ticket whose answer comes by a signal, and a last step outside. */
export const trip = (db: MemoryDb<Ledger>, provider: Cards, mails: Set<string>) =>
  defineSaga('TRIP', { input: z.object({ cents: z.number() }), db })
    .transaction('HOLD_SEAT', {
      execute: ({ tx, key }) => void tx.data.seats.set(key, 'held'),
      compensate: ({ tx, executeKey }) => void tx.data.seats.delete(executeKey),
    })
    .step('CHARGE', {
      execute: ({ key, input }) => {
        provider.charge(key, input.cents);
        return { charged: input.cents };
      },
      verify: ({ key, input }) => {
        if (provider.isCharged(key)) return { kind: 'done' as const, output: { charged: input.cents } };
        provider.refund(key);
        return { kind: 'not-done' as const };
      },
      compensate: ({ executeKey }) => provider.refund(executeKey),
    })
    .wait('ISSUE_TICKET', {
      request: () => undefined,
      signal: z.object({ ticket: z.string() }),
      compensate: () => undefined,
    })
    .step('SEND_MAIL', {
      onError: 'unknown',
      execute: ({ key }) => void mails.add(key),
      compensate: ({ executeKey }) => void mails.delete(executeKey),
    });

export function tripWorld(): World {
  const db = memoryDb<Ledger>({ seats: new Map() });
  const provider = cards();
  const mails = new Set<string>();
  return {
    definition: trip(db, provider, mails),
    input,
    signals: { ISSUE_TICKET: { ticket: 'T-1' } },
    effects: () => ({ HOLD_SEAT: db.data.seats.size, CHARGE: provider.total(), SEND_MAIL: mails.size }),
  };
}

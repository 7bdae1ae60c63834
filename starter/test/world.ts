import { TerminalError } from 'backstep';
import type { World } from 'backstep/testing';
import type { Services } from '../src/services.ts';
import { bookTrip } from '../src/trip.ts';

/** The systems in memory, which remember: what is held under which key, and which keys are refused. */
export function tripWorld(): World {
  const rooms = new Map<string, string>();
  const charges = new Map<string, number>();
  const refused = new Set<string>();
  const requireGood = (key: string) => {
    if (refused.has(key)) throw new TerminalError(`${key} was given up`);
  };
  const services: Services = {
    hotel: {
      book: async (key, city) => {
        requireGood(key);
        rooms.set(key, city);
        return { bookingId: 'hotel-1' };
      },
      release: async (key) => {
        refused.add(key);
        rooms.delete(key);
      },
    },
    bank: {
      charge: async (key, amountCents) => {
        requireGood(key);
        charges.set(key, amountCents);
        return { chargeId: 'charge-1' };
      },
      settle: async (key) => {
        if (charges.has(key)) return { chargeId: 'charge-1' };
        refused.add(key);
        return undefined;
      },
      refund: async (key) => {
        refused.add(key);
        charges.delete(key);
      },
    },
    post: { send: async () => undefined },
  };
  return {
    definition: bookTrip(services),
    input: { traveller: 'Ada', city: 'Lisbon', amountCents: 12_000 },
    effects: () => ({
      BOOK_HOTEL: [...rooms.values()],
      CHARGE_CARD: [...charges.values()].reduce((sum, cents) => sum + cents, 0),
    }),
  };
}

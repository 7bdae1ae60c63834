import { NOTHING_TO_UNDO, defineSaga } from 'backstep';
import { z } from 'zod';
import type { Services } from './services.ts';

export const tripInput = z.object({
  traveller: z.string().min(1),
  city: z.string().min(1),
  amountCents: z.int().positive(),
});

/** A hotel, a charge, a confirmation. If one fails, those before it are undone, newest first. */
export const bookTrip = ({ hotel, bank, post }: Services) =>
  defineSaga('TRIP_BOOKING', { input: tripInput })
    .step('BOOK_HOTEL', {
      // A lost answer may hide a booking: the step is then undone by its key.
      onError: 'unknown',
      execute: ({ input, key }) => hotel.book(key, input.city),
      compensate: ({ executeKey }) => hotel.release(executeKey),
    })
    .step('CHARGE_CARD', {
      execute: ({ input, key }) => bank.charge(key, input.amountCents),
      // Asked when no attempt was answered: did the charge happen?
      verify: async ({ key }) => {
        const charge = await bank.settle(key);
        return charge ? { kind: 'done', output: charge } : { kind: 'not-done' };
      },
      compensate: ({ executeKey }) => bank.refund(executeKey),
    })
    .step('SEND_CONFIRMATION', {
      execute: ({ input, state, key }) => post.send(key, `${input.traveller}: ${state.bookingId}, ${state.chargeId}`),
      // A confirmation cannot be taken back: it is the last step, and may be sent although the saga does not know of it.
      compensate: NOTHING_TO_UNDO,
    });

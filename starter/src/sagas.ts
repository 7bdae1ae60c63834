import { pretended } from './services.ts';
import { bookTrip } from './trip.ts';

export const tripBooking = bookTrip(pretended);

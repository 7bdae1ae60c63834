import { expect } from '@jest/globals';
import { z } from 'zod';
import { defineSaga, NOTHING_TO_UNDO, TerminalError } from '../../src/index.ts';
import { describeInBrowser } from '../support/browser.ts';
import { browserTest, rowOf, seen, useDesk } from './desk.ts';

const hotel = { answers: false, cancelled: 0 };

const trip = defineSaga('BOOK_TRIP', { input: z.object({ city: z.string() }) })
  .step('RESERVE_HOTEL', {
    attempts: 2,
    backoffMs: 10,
    execute: () => ({ hotelId: 'h-1' }),
    compensate: () => {
      if (!hotel.answers) throw new Error('The hotel does not answer');
      hotel.cancelled += 1;
    },
  })
  .step('CHARGE', {
    execute: () => Promise.reject(new TerminalError('The card is empty')),
    compensate: NOTHING_TO_UNDO,
  });

describeInBrowser('a compensation that failed', () => {
  const desk = useDesk({ sagas: [trip] });

  browserTest(
    'is tried again by hand from the saga: found among the parked, and seen to end without a reload',
    async () => {
      const { open, start, settled } = desk();
      const sagaId = await start('BOOK_TRIP', { city: 'Ljubljana' });
      expect(await settled(sagaId)).toBe('FAILED');
      const page = await open('/console/sagas?status=FAILED');
      await rowOf(page, sagaId).getByRole('link').first().click();
      const task = page.getByRole('region', { name: /^The undo failed: RESERVE_HOTEL/ });
      await seen(task.getByText('The hotel does not answer'));
      await page.evaluate('window.neverReloaded = true');

      hotel.answers = true;
      await task.getByRole('radio', { name: 'Try again' }).check();
      await task.getByLabel('Reason').fill('the hotel is back');
      await task.getByRole('button', { name: 'Try RESERVE_HOTEL again' }).click();
      await seen(page.getByText('Compensated').first());
      await seen(page.getByRole('region', { name: 'Steps' }).getByText('Undone'));
      expect([await settled(sagaId), hotel.cancelled]).toEqual(['COMPENSATED', 1]);
      expect(await page.evaluate('window.neverReloaded')).toBe(true);
    },
  );
});

import { expect } from '@jest/globals';
import { describeInBrowser } from '../support/browser.ts';
import { browserTest, rowOf, seen, useDesk } from './desk.ts';

describeInBrowser('a purchase', () => {
  const desk = useDesk();

  browserTest('is started by the form, and finishes live in the list and on its own page', async () => {
    const { app, open } = desk();
    // It stops there until it is let go on: nothing is asked while it may already be over.
    await app.sql.query(`UPDATE devices SET status = 'BROKEN' WHERE status = 'AVAILABLE'`);
    await app.order({ operation: 'charge', fault: 'slow', delayMs: 2_500 });
    await app.sql.query(`UPDATE devices SET status = 'AVAILABLE' WHERE status = 'BROKEN'`);
    const list = await open('/console/sagas');
    const page = await open('/console/start/PAYMENT_PURCHASE');
    await page.getByLabel(/^userId/).fill('user-9');
    await page.getByLabel(/^planId/).fill('plan-basic');
    await page.getByLabel(/^amount/).fill('100');
    await page.getByRole('button', { name: /^Start/ }).click();
    await page.waitForURL('**/console/sagas/payment_purchase-*');
    const sagaId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const marks = [list, page].map((each) => each.evaluate('window.neverReloaded = true'));
    await Promise.all(marks);

    await seen(rowOf(list, sagaId).getByText('Running'));
    await seen(page.getByText('Running').first());
    await seen(rowOf(list, sagaId).getByText('Completed'));
    await seen(page.getByRole('region', { name: 'Steps' }).getByText('ACTIVATE_ORDER'));
    await seen(page.getByText('Completed').first());
    expect(await desk().settled(sagaId)).toBe('COMPLETED');
    for (const each of [list, page]) expect(await each.evaluate('window.neverReloaded')).toBe(true);
  });
});

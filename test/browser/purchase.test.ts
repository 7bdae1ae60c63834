import { expect } from '@jest/globals';
import { describeInBrowser } from '../support/browser.ts';
import { browserTest, rowOf, seen, useDesk } from './desk.ts';

describeInBrowser('a purchase', () => {
  const desk = useDesk();

  browserTest('is started by the form, and finishes live in the list and on its own page', async () => {
    const { app, open, settled } = desk();
    const list = await open('/console/sagas');
    const page = await open('/console/start/PAYMENT_PURCHASE');
    // It stops at its order until it has been seen to run.
    const hold = await app.sql.connect();
    await hold.query('BEGIN; LOCK TABLE orders IN EXCLUSIVE MODE');
    await page.getByLabel('User id').fill('user-9');
    await page.getByLabel('Plan id').fill('plan-basic');
    await page.getByLabel('Amount').fill('100');
    await page.getByRole('button', { name: 'Start PAYMENT_PURCHASE' }).click();
    await page.waitForURL('**/console/sagas/payment_purchase-*');
    const sagaId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    for (const each of [list, page]) await each.evaluate('window.neverReloaded = true');
    await seen(rowOf(list, sagaId).getByText('Running'));
    await seen(page.getByRole('main').getByText('Running'));

    await hold.query('ROLLBACK');
    hold.release();
    await seen(rowOf(list, sagaId).getByText('Completed'));
    await seen(page.getByRole('main').getByText('Completed'));
    await seen(page.getByRole('region', { name: 'Timeline' }).getByText('ACTIVATE_ORDER'));
    expect(await settled(sagaId)).toBe('COMPLETED');
    for (const each of [list, page]) expect(await each.evaluate('window.neverReloaded')).toBe(true);
  });
});

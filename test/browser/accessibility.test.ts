import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.ts';
import { rubbishSagas } from '../support/rubbish-sagas.ts';
import { serious } from './axe.ts';
import { browserTest, seen, useDesk } from './desk.ts';
import { visitAll } from './pages.ts';

describeInBrowser('the console', () => {
  const desk = useDesk({ sagas: rubbishSagas });

  /** One of each kind of saga and task. */
  async function prepare(): Promise<void> {
    const { app, start, settled } = desk();
    const { rows } = await app.sql.query('SELECT FROM saga_state LIMIT 1');
    if (rows.length > 0) return;
    await app.order({ operation: 'refund', fault: 'lost-reply', times: 3 });
    await app.order({ operation: 'lookup', fault: 'error', times: 10 });
    const sagas = [
      await start('PAYMENT_REFUND', { paymentId: 'pay-0001', amount: 100, reason: 'not as described' }),
      await start('PAYMENT_PURCHASE', { userId: 'user-1', planId: 'plan-none', amount: 1 }),
      await start('ANYTHING', { name: 'a'.repeat(300), list: [1, 2, { deep: true }] }),
      await start('ANYTHING', { fail: 'it is broken', stuck: true }),
      await start('BY_HAND', {}),
    ];
    await Promise.all(sagas.map((sagaId) => settled(sagaId)));
    await app.request('DELETE', '/sandbox/faults');
  }

  async function expectNothingSerious(page: Page, where: string): Promise<void> {
    expect([where, await serious(page)]).toEqual([where, []]);
  }

  browserTest('would not be let through with a button that has no name', async () => {
    const page = await desk().open('/console');
    await seen(page.getByRole('heading', { level: 1 }));
    await page.evaluate(`document.querySelector('main').append(document.createElement('button'))`);
    expect((await serious(page)).map(({ id }) => id)).toContain('button-name');
  });

  for (const scheme of ['light', 'dark'] as const)
    browserTest(`has nothing serious for axe on any page, when it is ${scheme}`, async () => {
      await prepare();
      const login = await desk().open('/console/login', { as: 'nobody', scheme });
      await seen(login.getByRole('heading', { name: 'Log in', level: 1 }));
      await expectNothingSerious(login, 'login');
      const page = await desk().open('/console', { scheme });
      await visitAll(page, desk().app, (path) => expectNothingSerious(page, path));
    });

  browserTest('fits a screen of 400 pixels: no page is to be scrolled sideways', async () => {
    await prepare();
    const page = await desk().open('/console', { width: 400 });
    await visitAll(page, desk().app, async (path) => {
      expect([path, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([path, 400]);
    });
  });
});

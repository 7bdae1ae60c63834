import { expect } from '@jest/globals';
import { startProxy } from '../faults/rig/proxy.ts';
import { describeInBrowser } from '../support/browser.ts';
import { browserTest, gone, rowOf, seen, useDesk } from './desk.ts';

describeInBrowser('a lost connection', () => {
  const desk = useDesk();

  browserTest('is told, and what happened meanwhile is shown when it is back, without a reload', async () => {
    const { app, open, start, settled } = desk();
    const { hostname, port } = new URL(app.url);
    const proxy = await startProxy({ host: hostname, port: Number(port) });
    const page = await open('/console/sagas', { origin: `http://127.0.0.1:${proxy.port}` });
    const before = await start('PAYMENT_PURCHASE', { userId: 'user-1', planId: 'plan-none', amount: 1 });
    await seen(rowOf(page, before));
    await page.evaluate('window.neverReloaded = true');

    proxy.set('cut');
    const banner = page.getByRole('alert').filter({ hasText: 'Connection lost.' });
    await seen(banner);
    const meanwhile = await start('PAYMENT_PURCHASE', { userId: 'user-2', planId: 'plan-none', amount: 1 });
    expect(await settled(meanwhile)).toBe('COMPENSATED');
    expect(await rowOf(page, meanwhile).count()).toBe(0);

    proxy.set('pass');
    await page.getByRole('button', { name: 'Try now' }).click();
    await gone(banner);
    await seen(rowOf(page, meanwhile).getByText('Compensated'));
    const after = await start('PAYMENT_PURCHASE', { userId: 'user-3', planId: 'plan-none', amount: 1 });
    await seen(rowOf(page, after));
    expect(await page.evaluate('window.neverReloaded')).toBe(true);
    await page.context().close();
    await proxy.close();
  });
});

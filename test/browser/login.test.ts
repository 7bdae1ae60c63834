import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.ts';
import { KEYS } from '../support/access.ts';
import { browserTest, gone, seen, useDesk } from './desk.ts';

/** No text box for screen readers: its text is not to be read out. */
const keyField = (page: Page) => page.getByLabel('API key').and(page.locator('input'));

describeInBrowser('logging in', () => {
  const desk = useDesk();

  browserTest('whoever has no session is sent to the login, and comes back to where they wanted', async () => {
    const page = await desk().open('/console/sagas?status=FAILED', { as: 'nobody' });
    await seen(page.getByRole('heading', { name: 'Log in', level: 1 }));
    await keyField(page).fill(KEYS.viewer);
    await page.getByRole('button', { name: 'Log in' }).click();
    await seen(page.getByRole('heading', { name: 'Sagas', level: 1 }));
    expect(new URL(page.url()).search).toBe('?status=FAILED');
    await seen(page.getByText('vera, viewer'));
  });

  browserTest('a wrong key is refused, and the right one lets in with a cookie that no script reads', async () => {
    const page = await desk().open('/console/login', { as: 'nobody' });
    const key = keyField(page);
    await key.fill('no-key-of-anybody');
    await page.getByRole('button', { name: 'Log in' }).click();
    await seen(page.getByText('This key is not known here.'));
    expect(await page.context().cookies()).toEqual([]);

    await key.fill(KEYS.operator);
    await page.getByRole('button', { name: 'Log in' }).click();
    await seen(page.getByRole('heading', { name: 'Overview', level: 1 }));
    const [cookie, ...others] = await page.context().cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: 'backstep_session', httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.value).not.toContain(KEYS.operator);
    expect(await page.evaluate<string>('document.cookie + JSON.stringify(localStorage)')).not.toContain('key-of');
  });

  browserTest(
    'logging out ends the session for good: the way back shows nothing, and a copied cookie is worth nothing',
    async () => {
      const sagaId = await desk().start('PAYMENT_PURCHASE', { userId: 'u', planId: 'plan-none', amount: 1 });
      const page = await desk().open(`/console/sagas/${sagaId}`);
      await seen(page.getByText(sagaId));
      const cookies = await page.context().cookies();
      await page.getByRole('button', { name: 'Log out' }).click();
      await seen(page.getByRole('heading', { name: 'Log in', level: 1 }));

      await page.goBack();
      await seen(page.getByRole('heading', { name: 'Log in', level: 1 }));
      await gone(page.getByText(sagaId));
      await page.context().addCookies(cookies);
      await page.goto(`/console/sagas/${sagaId}`);
      await seen(page.getByRole('heading', { name: 'Log in', level: 1 }));
      expect((await page.request.get(`/api/sagas/${sagaId}`)).status()).toBe(401);
    },
  );
});

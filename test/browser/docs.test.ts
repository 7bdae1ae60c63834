import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.ts';
import { serious } from './axe.ts';
import { browserTest, seen, useDesk } from './desk.ts';

const OPEN_ALL = `document.querySelectorAll('details').forEach((each) => { each.open = true; })`;

describeInBrowser('the page of the API', () => {
  const desk = useDesk();

  async function openAll(page: Page): Promise<void> {
    await seen(page.getByRole('heading', { level: 1 }));
    await page.evaluate(OPEN_ALL);
  }

  for (const scheme of ['light', 'dark'] as const)
    browserTest(`has nothing serious for axe with everything open, when it is ${scheme}`, async () => {
      const page = await desk().open('/docs', { as: 'nobody', scheme });
      await openAll(page);
      expect(await serious(page)).toEqual([]);
    });

  browserTest('fits a screen of 400 pixels, with everything open', async () => {
    const page = await desk().open('/docs', { as: 'nobody', width: 400 });
    await openAll(page);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(400);
  });

  browserTest('is linked from the console, and its links open what they lead to', async () => {
    const page = await desk().open('/console');
    await page.getByRole('link', { name: 'API', exact: true }).click();
    await page.getByRole('link', { name: 'resolveTask' }).click();
    await seen(page.locator('#resolveTask'));
  });
});

import { expect } from '@jest/globals';
import { HOSTILE_TEXTS, MARKUP } from '../support/hostile-texts.ts';
import { describeInBrowser } from '../support/browser.ts';
import { rubbishSagas } from '../support/rubbish-sagas.ts';
import { browserTest, gone, seen, useDesk } from './desk.ts';
import { visitAll } from './pages.ts';

/** What PostgreSQL can keep of them. */
const STORABLE = HOSTILE_TEXTS.filter((text) => !text.includes('\u0000') && !/\p{Surrogate}/u.test(text));

describeInBrowser('markup in everything that is given', () => {
  const desk = useDesk({ sagas: rubbishSagas });

  browserTest(
    'is shown as the text that it is, on every page: no script runs, nothing is refused by the policy',
    async () => {
      const { app, open, start, settled } = desk();
      const texts = Object.fromEntries(
        STORABLE.map((text, index) => [`${text}${index}`, { [text]: text, list: [text] }]),
      );
      const given = { ...texts, fail: MARKUP.join(' '), stuck: MARKUP[0] };
      const parked = await start('ANYTHING', given);
      const manual = await start('BY_HAND', texts);
      const asking = await start('ASKING', texts);
      await app.request('POST', `/api/sagas/${asking}/signals/ANSWER`, texts);
      await Promise.all([parked, manual, asking].map((sagaId) => settled(sagaId)));
      const { id } = await app.row('SELECT id FROM operator_task WHERE saga_id = $1', manual);
      const reason = MARKUP.join(' ').slice(0, 1_000);
      const abandon = { resolution: 'abandon', reason };
      expect((await app.request('POST', `/api/tasks/${String(id)}/resolve`, abandon)).status).toBe(200);

      const page = await open('/console');
      await visitAll(page, app, async () => {
        await gone(page.getByLabel('Loading'));
        for (const closed of await page.locator('[aria-expanded=false]').all())
          await closed.click({ timeout: 2_000 }).catch(() => undefined);
        expect(
          await page.evaluate<number>(
            `document.querySelectorAll('main script, main iframe, main img[onerror], main [onload], main style').length`,
          ),
        ).toBe(0);
      });
      await page.goto(`/console/sagas/${parked}`);
      await seen(page.getByText('<script>hostile()</script>'));
      await page.goto(`/console/sagas?q=${encodeURIComponent(MARKUP[0] ?? '')}`);
      await seen(page.getByRole('row'));
    },
  );
});

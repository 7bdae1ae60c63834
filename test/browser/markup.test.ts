import { expect } from '@jest/globals';
import { HOSTILE_TEXTS, MARKUP } from '../support/hostile-texts.ts';
import { describeInBrowser } from '../support/browser.ts';
import { rubbishSagas } from '../support/rubbish-sagas.ts';
import { browserTest, seen, useDesk } from './desk.ts';
import { visitAll } from './pages.ts';

/** What PostgreSQL can keep of them. */
const STORABLE = HOSTILE_TEXTS.filter((text) => !text.includes('\u0000') && !/\p{Surrogate}/u.test(text));

/** All of a tree that is closed at first: what is in it is not in the page before. */
const OPEN_TREES = `(async () => {
  for (let closed = [0], round = 0; closed.length > 0 && round < 5; round++) {
    closed = [...document.querySelectorAll('main [role=group] button[aria-expanded=false]')];
    for (const button of closed) button.click();
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
})()`;

/** Elements that the console has no use for, and attributes that run something. */
const FOREIGN = `[...document.querySelectorAll('main *')]
  .filter((element) => ['SCRIPT', 'IFRAME', 'STYLE', 'OBJECT', 'BASE', 'META'].includes(element.tagName)
    || [...element.attributes].some(({ name, value }) => name.startsWith('on') || /^\\s*javascript:/i.test(value)
      && ['href', 'src', 'action', 'formaction'].includes(name)))
  .map((element) => element.outerHTML)`;

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
      await visitAll(page, app, async (path) => {
        await page.evaluate(OPEN_TREES);
        expect([path, await page.evaluate<string[]>(FOREIGN)]).toEqual([path, []]);
      });
      await page.goto(`/console/sagas/${parked}`);
      await seen(page.getByText('<script>hostile()</script>'));
      await page.goto(`/console/sagas?q=${encodeURIComponent(MARKUP[0] ?? '')}`);
      await seen(page.getByRole('row'));
    },
  );
});

import { expect } from '@jest/globals';
import { describeInBrowser } from '../support/browser.ts';
import { rubbishSagas } from '../support/rubbish-sagas.ts';
import { browserTest, seen, useDesk } from './desk.ts';

const NEEDS_OPERATOR = /Needs the role operator; you are viewer/;

describeInBrowser('a viewer', () => {
  const desk = useDesk({ sagas: rubbishSagas });

  browserTest('sees everything and may do nothing: it is said why, and a forged request is refused', async () => {
    const { app, open, start, settled } = desk();
    const sagaId = await start('BY_HAND', { what: 'a bicycle' });
    expect(await settled(sagaId)).toBe('FAILED');
    const page = await open(`/console/sagas/${sagaId}`, { as: 'viewer' });
    await seen(page.getByText('Only an operator can decide this; you are viewer.'));
    for (const radio of await page.getByRole('radio').all()) expect(await radio.isDisabled()).toBe(true);
    const cancel = page.getByRole('button', { name: 'Cancel saga' });
    expect(await cancel.getAttribute('aria-disabled')).toBe('true');
    expect(await descriptionOf(page.getByRole('button', { name: 'Cancel saga' }))).toMatch(NEEDS_OPERATOR);
    await cancel.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);

    const { id } = await app.row('SELECT id FROM operator_task WHERE saga_id = $1', sagaId);
    const forged = [
      [`/api/tasks/${String(id)}/resolve`, { resolution: 'abandon', reason: 'forged' }],
      [`/api/sagas/${sagaId}/cancel`, { reason: 'forged' }],
      ['/api/sagas/BY_HAND', {}],
    ] as const;
    for (const [path, data] of forged) {
      const answer = await page.request.post(path, { data, headers: { origin: app.url } });
      expect([answer.status(), ((await answer.json()) as { code: string }).code]).toEqual([403, 'FORBIDDEN']);
    }
    expect(await settled(sagaId)).toBe('FAILED');
  });
});

/** What a screen reader says beside the name. */
async function descriptionOf(locator: import('playwright-core').Locator): Promise<string> {
  const ids = (await locator.getAttribute('aria-describedby')) ?? '';
  const texts = ids
    .split(' ')
    .filter((id) => id !== '')
    .map((id) => locator.page().locator(`[id="${id}"]`).textContent());
  return [await locator.getAttribute('title'), ...(await Promise.all(texts))].join(' ');
}

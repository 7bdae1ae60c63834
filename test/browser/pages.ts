import type { Page } from 'playwright-core';
import type { Billing } from '../support/billing.ts';
import { gone, seen } from './desk.ts';

/** Every page of the console, with what there is to show on it. */
export async function pagesOf({ sql }: Billing): Promise<readonly string[]> {
  const sagas = await sql.query<{ id: string }>('SELECT DISTINCT ON (saga_type, status) saga_id AS id FROM saga_state');
  const tasks = await sql.query<{ id: string }>('SELECT DISTINCT ON (kind, status) id::text FROM operator_task');
  const types = await sql.query<{ type: string }>('SELECT DISTINCT saga_type AS type FROM saga_state');
  return [
    '/console',
    '/console/sagas',
    '/console/sagas?status=FAILED,ABANDONED',
    '/console/sagas?q=nothing-has-this',
    ...sagas.rows.map(({ id }) => `/console/sagas/${id}`),
    '/console/sagas/none',
    '/console/inbox',
    ...tasks.rows.map(({ id }) => `/console/inbox/${id}`),
    '/console/start',
    ...types.rows.map(({ type }) => `/console/start/${type}`),
    '/console/audit',
    '/console/no-such-page',
  ];
}

/** Goes to each page, waits until it shows what it has, and looks at it. Throws where one could not be shown. */
export async function visitAll(page: Page, app: Billing, look: (path: string) => Promise<void>): Promise<void> {
  for (const path of await pagesOf(app)) {
    await page.goto(path);
    await seen(page.getByRole('heading', { level: 1 }));
    await gone(page.getByLabel('Loading'));
    const alerts = await page.getByRole('alert').allTextContents();
    if (alerts.length > 0) throw new Error(`${path} says ${alerts.join('; ')}`);
    await look(path);
  }
}

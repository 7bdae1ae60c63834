import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startBilling, type Billing, type BillingOptions } from '../support/billing.ts';
import { bearer, KEYS, storedAccess } from '../support/access.ts';
import { keepScreenshot, launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { watchedPage, type WatchedPage } from './watched-page.ts';

/** How long a page may take for what it is asked for, in milliseconds: other tests run on this machine, too. */
const PATIENCE_MS = 20_000;
export const BROWSER_TEST_MS = 120_000;

export interface OpenOptions {
  /** Whose key logs in. Default `operator`; `nobody` does not. */
  readonly as?: keyof typeof KEYS | 'nobody';
  readonly scheme?: 'light' | 'dark';
  /** Default 1280. */
  readonly width?: number;
  /** Default: the application's own address. */
  readonly origin?: string;
}

/** The console over the billing application, in a browser. */
export interface Desk {
  readonly app: Billing;
  /** Opens a path in a new session of its own. */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** Starts a saga by the API, as the operator. */
  start(type: string, input: object): Promise<string>;
  /** The saga when nothing happens to it any more without a person. */
  settled(sagaId: string): Promise<string>;
}

/** A desk for the tests of a file: `desk()` inside of tests. After each test its pages must be without trouble. */
export function useDesk(options: BillingOptions = {}, settings: Record<string, string> = {}): () => Desk {
  let desk: (Desk & { readonly browser: Browser }) | undefined;
  const pages: WatchedPage[] = [];
  beforeAll(async () => {
    const app = await startBilling(settings, {
      ...options,
      app: (prisma) => ({ access: storedAccess(prisma) }),
      headers: bearer(KEYS.operator),
    });
    const browser = await launchBrowser();
    desk = { app, browser, ...deskOf(app, browser, pages) };
  }, BROWSER_TEST_MS);
  afterAll(async () => {
    await desk?.browser.close();
    await desk?.app.close();
  });
  afterEach(async () => {
    const trouble = pages.flatMap((each) => each.trouble);
    await Promise.all(pages.splice(0).map(({ page }) => page.context().close()));
    expect(trouble).toEqual([]);
  });
  currentPages = pages;
  return () => {
    if (desk === undefined) throw new Error('The desk is there inside of tests only');
    return desk;
  };
}

let currentPages: readonly WatchedPage[] = [];

/** `test`, which keeps pictures of the pages that were open when it failed. */
export function browserTest(name: string, work: () => Promise<void>): void {
  test(
    name,
    async () => {
      try {
        await work();
      } catch (error) {
        for (const [index, { page }] of currentPages.entries())
          process.stdout.write(`[browser] ${await keepScreenshot(page, `${name} ${index}`)}\n`);
        throw error;
      }
    },
    BROWSER_TEST_MS,
  );
}

function deskOf(app: Billing, browser: Browser, pages: WatchedPage[]): Omit<Desk, 'app'> {
  return {
    open: async (path, { as: role = 'operator', scheme = 'light', width = 1280, origin = app.url } = {}) => {
      const context = await browser.newContext({
        colorScheme: scheme,
        viewport: { width, height: 900 },
        baseURL: origin,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      if (role !== 'nobody') await logIn(context, KEYS[role]);
      const watched = await watchedPage(context);
      pages.push(watched);
      await watched.page.goto(path);
      return watched.page;
    },
    start: async (type, input) => {
      const { status, body } = await app.request('POST', `/api/sagas/${type}`, input);
      if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
      return String(body['sagaId']);
    },
    settled: async (sagaId) => String((await app.ended(sagaId, 60_000))['status']),
  };
}

async function logIn(context: BrowserContext, key: string): Promise<void> {
  const answer = await context.request.post('/api/session', { data: { key } });
  if (!answer.ok()) throw new Error(`Login: ${answer.status()} ${await answer.text()}`);
}

/** Waits until it is shown. */
export const seen = (locator: Locator): Promise<void> => locator.first().waitFor({ state: 'visible' });
/** Waits until nothing of it is shown. */
export const gone = async (locator: Locator): Promise<void> => {
  await eventually(async () => (await locator.filter({ visible: true }).count()) === 0, { timeoutMs: PATIENCE_MS });
};

export const rowOf = (page: Page, sagaId: string): Locator =>
  page.getByRole('row').filter({ has: page.locator(`a[href="/console/sagas/${sagaId}"]`) });

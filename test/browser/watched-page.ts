import type { BrowserContext, Page } from 'playwright-core';

/** A page, and all that went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors, refusals of the content security policy, dialogs, scripts that ran; a line each. */
  readonly trouble: string[];
}

/** What the browser says about every answer from 400 on: which of them are right is for the tests to say. */
const ANSWERS = /^Failed to load resource: (?:the server responded with a status of 4\d\d|net::ERR_)/;

export async function watchedPage(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (!ANSWERS.test(message.text())) trouble.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`error: ${error.stack ?? error.message}`));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => trouble.push(`popup: ${popup.url()}`));
  // What hostile texts call, if a page runs them.
  await page.exposeFunction('hostile', () => trouble.push('a hostile script ran'));
  return { page, trouble };
}

import { mkdir } from 'node:fs/promises';
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MISSING = `No ${NAMES.slice(0, 3).join(', ')} on the PATH: the browser tests need one (apt-get install chromium)`;

/** Where pages that a test failed on are put. */
const SCREENSHOTS = '.data/browser';

/** A browser on the PATH. With `REQUIRE_BROWSER=1` in the environment there has to be one. */
export function findBrowser(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (found === undefined && process.env['REQUIRE_BROWSER'] === '1') throw new Error(MISSING);
  return found;
}

/** `describe`, which is skipped with one line where there is no browser. */
export function describeInBrowser(name: string, tests: () => void): void {
  const found = findBrowser();
  if (found === undefined) process.stdout.write(`[browser] ${MISSING}; skipped: ${name}\n`);
  (found === undefined ? describe.skip : describe)(name, tests);
}

export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(MISSING);
  // Chromium has no sandbox for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

/** Keeps what a page looks like; returns where. */
export async function keepScreenshot(page: Page, name: string): Promise<string> {
  await mkdir(SCREENSHOTS, { recursive: true });
  const path = resolve(SCREENSHOTS, `${name.replaceAll(/\W+/g, '-').slice(0, 100)}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

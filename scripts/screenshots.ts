/**
 * Takes the pictures of README.md from the running product: `npm run screenshots`. Everything runs on
 * servers of its own, below `.data/screenshots`; purchases and refunds are started, and the provider fails for a while.
 */
import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { findServers } from '../src/servers/find-servers.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { eventually } from '../test/support/eventually.ts';
import { freePort } from '../test/support/port.ts';
import { runTypeScript } from '../test/support/process.ts';
import { ensureRedis } from '../test/support/redis-tools.ts';
import { fillWithHistory, type History } from './screenshots/history.ts';
import { smallPng } from './screenshots/small-png.ts';

const DATA_DIR = '.data/screenshots';
const KEY = 'key-of-olga';
const PICTURES = 'docs/images';
const LARGEST_BYTES = 300_000;
const WIDTH = 1_240;

const say = (line: string) => void process.stdout.write(`[screenshots] ${line}\n`);

async function main(): Promise<void> {
  rmSync(DATA_DIR, { recursive: true, force: true });
  const path = ensureRedis(process.env['PATH'] ?? '', '.data', say);
  const servers = await findServers({ dataDir: DATA_DIR, path, progress: say });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = runTypeScript('src/main.ts', ['dev'], {
    DATABASE_URL: servers.databaseUrl,
    ...(servers.queues.kind === 'redis' ? { REDIS_URL: servers.queues.url } : {}),
    API_KEYS: `${KEY}:operator:olga`,
    DATA_DIR: `${DATA_DIR}/dev`,
    PORT: String(port),
    LOG_LEVEL: 'error',
  });
  try {
    await eventually(() => program.stdout().includes('Backstep is ready'), { timeoutMs: 120_000 });
    say('Filling it with history');
    const pages = await fillWithHistory({ url, key: KEY, databaseUrl: servers.databaseUrl });
    const browser = await launchBrowser();
    await takePictures(browser, url, pages);
    await browser.close();
  } finally {
    program.kill('SIGTERM');
    await program.exited;
    await servers.stop();
  }
}

async function takePictures(browser: Browser, url: string, { parkedTaskId, turnedBackId }: History): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  const context = await browser.newContext({
    baseURL: url,
    deviceScaleFactor: 2,
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await context.request.post('/api/session', { data: { key: KEY } });
  const page = await context.newPage();
  await take(page, '/console', { name: 'overview', height: 1_088 });
  await take(page, `/console/inbox/${parkedTaskId}`, { name: 'inbox', height: 1_210 });
  await take(page, `/console/sagas/${turnedBackId}`, { name: 'saga', height: 960 });
}

interface Picture {
  readonly name: string;
  /** How much of the page is in it, in its own pixels: the picture has two for each. */
  readonly height: number;
}

async function take(page: Page, path: string, { name, height }: Picture): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height });
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await eventually(async () => (await page.getByLabel('Loading').count()) === 0);
  // Charts come later than the page.
  await eventually(async () => (await page.locator('[class*=Skeleton]').count()) === 0);
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  const file = `${PICTURES}/${name}.png`;
  const picture = smallPng(await page.screenshot({ animations: 'disabled' }));
  await writeFile(file, picture);
  say(`${file}: ${picture.length} bytes`);
  if (picture.length > LARGEST_BYTES) throw new Error(`${file} is larger than ${LARGEST_BYTES} bytes`);
}

await main();

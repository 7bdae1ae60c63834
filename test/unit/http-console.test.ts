import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import { CONSOLE_PATH, consolePages } from '../../src/http/console.ts';
import { toProblem } from '../../src/http/problem.ts';

let built: string;

beforeEach(() => {
  built = mkdtempSync(join(tmpdir(), 'backstep-console-'));
  mkdirSync(join(built, 'assets'));
  writeFileSync(join(built, 'index.html'), '<title>Backstep</title>');
  writeFileSync(join(built, 'assets', 'index-1a2b.js'), 'export {};');
});

afterEach(() => rmSync(built, { recursive: true }));

function app() {
  const answerError: express.ErrorRequestHandler = (error, _request, response, _next) => {
    const { status, headers, body } = toProblem(error);
    response
      .status(status)
      .set({ ...headers })
      .json(body);
  };
  return express().use(CONSOLE_PATH, consolePages(built), answerError);
}

test.each(['', '/', '/sagas/payment_refund-1', '/inbox/7', '/no/such/page', '/assetsless'])(
  'the page is at /console%s, and is asked for each time',
  async (path) => {
    const { status, headers, text } = await request(app()).get(`${CONSOLE_PATH}${path}`);
    expect([status, headers['cache-control'], text]).toEqual([200, 'no-store', '<title>Backstep</title>']);
    expect(headers['content-type']).toMatch(/^text\/html/);
  },
);

test.each([
  { range: 'bytes=9999-' },
  { range: 'bytes=9-1' },
  { 'if-match': '"another"' },
  { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
])('the page comes whole, whatever is asked about it: %j', async (headers) => {
  const { status, text } = await request(app()).get(CONSOLE_PATH).set(headers);
  expect([status, text]).toEqual([200, '<title>Backstep</title>']);
});

test('assets carry their version in their names, and are kept for good', async () => {
  const { status, headers } = await request(app()).get('/console/assets/index-1a2b.js');
  expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
});

test('an asset that is gone is not the page', async () => {
  const { status, body } = await request(app()).get('/console/assets/index-0000.js');
  expect([status, body.code]).toEqual([404, 'UNKNOWN_ROUTE']);
});

test.each(['..%2f..%2fpackage.json', '%2e%2e/index.html', '.hidden'])(
  'nothing outside the assets is sent: %s',
  async (path) => {
    const { status, text } = await request(app()).get(`/console/assets/${path}`);
    expect(status).not.toBe(500);
    expect(text).not.toContain('dependencies');
  },
);

test('a HEAD is answered as a GET, and nothing else is taken', async () => {
  expect((await request(app()).head('/console/sagas')).status).toBe(200);
  const { status, headers, body } = await request(app()).post('/console/login');
  expect([status, headers['allow'], body.code]).toEqual([405, 'GET, HEAD', 'METHOD_NOT_ALLOWED']);
});

test('without a build it says how to make one', async () => {
  rmSync(join(built, 'index.html'));
  const { status, body } = await request(app()).get('/console');
  expect([status, body.code, body.detail]).toEqual([
    503,
    'CONSOLE_NOT_BUILT',
    'The console is not built: run `npm run build:console`',
  ]);
});

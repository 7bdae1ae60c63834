import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { guarded, KEYS } from '../support/access.ts';
import { commandLine, type Outcome } from '../support/command-line.ts';
import { testApp } from '../support/http.ts';
import { SUMMARY } from '../support/recording-runner.ts';

const { app, calls } = testApp({ access: guarded() });
let server: Server;

beforeAll(async () => {
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  calls.length = 0;
});

/** Against the API's own routes. */
function run(line: string, key?: string): Promise<Outcome> {
  const BACKSTEP_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return commandLine(line.split(' '), { env: { BACKSTEP_URL, ...(key === undefined ? {} : { BACKSTEP_KEY: key }) } });
}

const id = SUMMARY.sagaId;

test.each<[line: string, call: readonly unknown[]]>([
  [
    'sagas list --type DEMO --status FAILED,TIMEOUT --since 1h --until 2026-01-02 --query pay-1 --limit 5',
    [
      'list',
      {
        type: 'DEMO',
        status: ['FAILED', 'TIMEOUT'],
        from: expect.anything(),
        to: expect.anything(),
        q: 'pay-1',
        limit: 5,
      },
    ],
  ],
  [`sagas show ${id}`, ['get', id]],
  [
    'sagas start DEMO --input {"amount":1} --idempotency-key k',
    ['start', 'DEMO', { amount: 1 }, { actor: 'olga', idempotencyKey: 'k' }],
  ],
  [`sagas cancel ${id} --reason why`, ['cancel', id, { actor: 'olga', reason: 'why' }]],
  [`sagas signal ${id} GO --payload {"ok":1} --signal-id s`, ['signal', id, 'GO', { ok: 1 }, expect.anything()]],
  [`sagas retry ${id} FIRST --reason why`, ['retryCompensation', id, 'FIRST', { actor: 'olga', reason: 'why' }]],
  [
    `tasks list --saga ${id} --type DEMO --fingerprint 0123456789abcdef`,
    ['tasks', { status: 'open', sagaId: id, type: 'DEMO', fingerprint: '0123456789abcdef' }],
  ],
  ['tasks resolve 7 undone --reason why', ['resolve', '7', 'undone', { actor: 'olga', reason: 'why' }]],
  [
    'tasks resolve 7 done --output {"n":1} --reason why',
    ['resolve', '7', 'done', { actor: 'olga', reason: 'why', output: { n: 1 } }],
  ],
])('the API takes %s for what it means', async (line, call) => {
  expect(await run(line, KEYS.operator)).toMatchObject({ code: 0, stderr: '' });
  expect(calls).toEqual([call]);
});

test('who has no key, a wrong one, or one that may not, exits with 5 and is told what it takes', async () => {
  const cancel = `sagas cancel ${id} --reason why`;
  expect(await run('sagas list')).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/set BACKSTEP_KEY or --key-file\n$/),
  });
  expect(await run('sagas list', 'guessed')).toMatchObject({ code: 5, stderr: expect.stringMatching(/is not one\n$/) });
  const may = await run(cancel, KEYS.viewer);
  expect(may).toMatchObject({ code: 5, stdout: '' });
  expect(may.stderr).toMatch(/operator.*\(403 FORBIDDEN\)\n$/);
  expect(calls).toEqual([]);
  for (const { stderr } of [may, await run('sagas list', 'guessed')]) expect(stderr).not.toMatch(/guessed|key-of/);
});

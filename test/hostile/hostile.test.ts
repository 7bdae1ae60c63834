import { Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { ROUTES } from '../../src/http/routes.ts';
import { bearer, KEYS, storedAccess } from '../support/access.ts';
import { startBilling, type Billing } from '../support/billing.ts';
import { eventually } from '../support/eventually.ts';
import { rubbishSagas } from '../support/rubbish-sagas.ts';
import { brokenRows, missing, moving } from './invariants.ts';
import { createKnown } from './known.ts';
import { almostHttp, exchange } from './raw.ts';
import { rowsOf } from './rows.ts';
import { storm } from './storm.ts';
import { judgeOf } from './verdict.ts';
import { openWire } from './wire.ts';

/**
 * Rubbish for every route. `HOSTILE_REQUESTS`, default 4000, says how much of it; `HOSTILE_SEED`, default 1, which:
 * `random` takes any.
 */
const requests = Number(process.env['HOSTILE_REQUESTS'] ?? 4_000);
const given = process.env['HOSTILE_SEED'] ?? '1';
const seed = given === 'random' ? 1 + Math.floor(Math.random() * 999_999) : Number(given);

const CONNECTIONS = 20;
const SESSIONS = 100;

/** What one more run of the same may add to the heap, in bytes: caches of queries and statements. */
const HEAP_LIMIT_BYTES = 150_000_000;

jest.setTimeout(900_000);

let app: Billing;
const errors: string[] = [];
const accepted = new Set<string>();
const say = (line: string) => void process.stdout.write(`[hostile] ${line}\n`);

beforeAll(async () => {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // The engine has errors of its own to tell of: parked sagas.
      if (chunk.includes('"requestId"')) errors.push(chunk.toString());
      done();
    },
  });
  const log = pino({ level: 'error' }, stream);
  app = await startBilling(
    { BILLING_TIMEOUT_MS: '15000' },
    { sagas: rubbishSagas, log, headers: bearer(KEYS.operator), app: (prisma) => ({ access: storedAccess(prisma) }) },
  );
});
afterAll(() => app.close());

const start = async (type: string, input: object) => {
  const { status, body } = await app.request('POST', `/api/sagas/${type}`, input);
  expect(status).toBe(202);
  accepted.add(String(body['sagaId']));
};

/** One of each kind of trouble, to be found by those who ask for ids. */
async function prepare(): Promise<void> {
  for (let index = 0; index < 5; index++) {
    await start('ANYTHING', { index });
    await start('ANYTHING', { index, fail: '<b>no</b>', stuck: true });
    await start('BY_HAND', { index });
    await start('ASKING', { index });
  }
}

/** Tokens of sessions of the operator: now and then a request logs one of them out. */
async function sessions(): Promise<string[]> {
  const logins = Array.from({ length: SESSIONS }, () => app.request('POST', '/api/session', { key: KEYS.operator }));
  const cookies = (await Promise.all(logins)).map(({ headers }) => headers.get('set-cookie') ?? '');
  return cookies.map((cookie) => /^backstep_session=([^;]+)/.exec(cookie)?.[1] ?? '');
}

function collect(): void {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
}

test(`${requests} hostile requests of seed ${seed}: each has its answer, and the tables are whole`, async () => {
  await prepare();
  const prototype = Object.getOwnPropertyNames(Object.prototype).sort();
  const table = [...ROUTES, ...app.routes];
  const wire = openWire(app.url, CONNECTIONS);
  const known = createKnown({
    type: [...app.runner.definitions.keys()],
    sagaId: [...accepted],
    name: ['ANSWER', 'ALLOCATE_DEVICE'],
    session: await sessions(),
    queueStatus: ['failed', 'completed', 'waiting', 'delayed', 'active'],
  });
  collect();
  const before = process.memoryUsage().heapUsed;
  const { failures } = await storm({
    rows: rowsOf(table, [...app.runner.definitions.values()]),
    judge: judgeOf(table),
    wire,
    known,
    seed,
    requests,
    say,
    concurrency: CONNECTIONS,
    seen: ({ method, target }, { status, type, text }) => {
      if (method === 'HEAD' || status >= 300 || !type.startsWith('application/json')) return;
      const body = JSON.parse(text) as unknown;
      known.learn(target, body);
      if (status === 202) accepted.add((body as { sagaId?: string }).sagaId ?? '');
    },
  });
  wire.close();
  expect([...failures, ...errors].join('\n\n')).toBe('');
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototype);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();

  await afterwards();
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(HEAP_LIMIT_BYTES);
});

test('bytes that are hardly HTTP are refused or hung up on, and nothing comes of them', async () => {
  await fc.assert(
    fc.asyncProperty(almostHttp, async (bytes) => {
      const answer = await exchange(new URL(app.url), bytes);
      expect(answer).toMatch(/^$|^HTTP\/1\.1 [1-4]/);
      expect(answer).not.toMatch(/^x-injected/im);
    }),
    { seed, numRuns: 300 },
  );
  expect(errors.join('')).toBe('');
});

/** Whatever was paused, ordered to fail or left asleep: what was accepted ends, and what comes next works. */
async function afterwards(): Promise<void> {
  await app.request('DELETE', '/sandbox/faults');
  await Promise.all(app.runner.queues.list().map((queue) => queue.resume()));
  await eventually(async () => (await moving(app.sql)) === 0, { timeoutMs: 120_000, intervalMs: 200 });
  accepted.delete('');
  say(`${accepted.size} sagas were accepted`);
  expect(await missing(app.sql, [...accepted])).toEqual([]);
  expect(await brokenRows(app.sql)).toEqual([]);

  const { body } = await app.request('POST', '/api/sagas/ANYTHING', { after: 'all of it' });
  expect(await app.ended(body['sagaId'])).toMatchObject({ status: 'COMPLETED' });
}

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import { NOTHING_TO_UNDO } from '../../src/core/definition.ts';
import type { SagaStatus } from '../../src/core/status.ts';
import { SAGA_STATUSES } from '../../src/core/status.ts';
import { SEARCHED } from '../../src/store/reads/saga-list.ts';
import type { Page, SagaFilter, SagaSummary } from '../../src/store/views.ts';
import { checkedApp } from '../support/checked-app.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { expectProblem } from '../support/http.ts';

const step = { execute: () => undefined, compensate: NOTHING_TO_UNDO };
const define = (type: string, redact: readonly string[] = []) =>
  defineSaga(type, { input: z.object({}), redact }).step('A', step);

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine(
    () => [define('PLAIN'), define('PARTLY', ['card.number']), define('HIDDEN', ['*.secret'])],
    {
      work: false,
    },
  );
});
afterAll(() => engine.close());
afterEach(() => engine.sql.query('TRUNCATE saga_state CASCADE'));

interface Written {
  readonly id: string;
  readonly type?: string;
  readonly status?: SagaStatus;
  readonly at?: string;
  readonly state?: object;
  readonly error?: string;
}

async function write(...sagas: readonly Written[]): Promise<void> {
  for (const { id, type = 'PLAIN', status = 'COMPLETED', at = '2026-01-01T00:00:00Z', state = {}, error } of sagas)
    await engine.sql.query(
      `INSERT INTO saga_state (saga_id, saga_type, status, current_step, definition, started_at, completed_at, state, error_message)
       VALUES ($1, $2, $3::text, 'A', '{A}', $4::timestamp,
         CASE WHEN $3 NOT IN ('RUNNING', 'COMPENSATING', 'FAILED') THEN $4::timestamp END, $5, $6)`,
      [id, type, status, at, state, error ?? null],
    );
}

const ids = async (filter: SagaFilter) => (await engine.runner.list(filter)).items.map(({ sagaId }) => sagaId);

/** All pages, one after the other. */
async function walk(filter: SagaFilter): Promise<string[]> {
  const all: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<SagaSummary> = await engine.runner.list({ ...filter, ...(cursor === null ? {} : { cursor }) });
    all.push(...page.items.map(({ sagaId }) => sagaId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

describe('by status', () => {
  test('each is listed alone, and any of them together in the order of their ids', async () => {
    await write(...[...SAGA_STATUSES, ...SAGA_STATUSES].map((status, n) => ({ id: `${status}-${n}`, status })));
    for (const [n, status] of SAGA_STATUSES.entries())
      expect(await ids({ status })).toEqual([`${status}-${n + SAGA_STATUSES.length}`, `${status}-${n}`]);
    const pair: SagaStatus[] = ['CANCELLED', 'RUNNING'];
    expect(await walk({ status: pair, limit: 1 })).toEqual(['CANCELLED-14', 'RUNNING-8', 'CANCELLED-6', 'RUNNING-0']);
    expect(await walk({ status: SAGA_STATUSES, limit: 3 })).toHaveLength(SAGA_STATUSES.length * 2);
    expect(await ids({ status: [] })).toEqual([]);
  });
});

describe('by time', () => {
  test('the beginning counts, the end does not, and ids need not be in the order of the times', async () => {
    await write(
      { id: 'noon', at: '2026-01-01T12:00:00Z' },
      { id: 'late', at: '2026-01-01T23:00:00Z', status: 'FAILED' },
      { id: 'early', at: '2026-01-01T01:00:00Z', status: 'RUNNING' },
      { id: 'evening', at: '2026-01-01T18:00:00Z', status: 'CANCELLED' },
    );
    const from = '2026-01-01T12:00:00Z';
    expect(await ids({ from })).toEqual(['evening', 'late', 'noon']);
    expect(await ids({ from, to: '2026-01-01T23:00:00Z' })).toEqual(['evening', 'noon']);
    expect(await ids({ to: from })).toEqual(['early']);
    expect(await ids({ to: from, status: ['RUNNING', 'FAILED'] })).toEqual(['early']);
    expect(await ids({ from: '2026-01-01T14:00:00+02:00', to: '2026-01-01T12:00:00.001Z' })).toEqual(['noon']);
    expect(await ids({ from: '2027-01-01T00:00:00Z' })).toEqual([]);
    expect(await walk({ from: '0000-01-01T00:00:00Z', to: '9999-12-31T23:59:59-23:59', limit: 1 })).toHaveLength(4);
  });
});

describe('by text', () => {
  test('it is in the id, the error or the state, in any case', async () => {
    await write(
      { id: 'buy-1', state: { order: 'ORDER-77', amount: 4999 } },
      { id: 'buy-2', error: 'Order-77 is closed' },
      { id: 'buy-3', state: { note: 'a "quoted" \\ path\nand more' } },
    );
    expect(await ids({ q: 'order-77' })).toEqual(['buy-2', 'buy-1']);
    expect(await ids({ q: '4999' })).toEqual(['buy-1']);
    expect(await ids({ q: 'UY-3' })).toEqual(['buy-3']);
    expect(await ids({ q: '"quoted" \\ path\nand' })).toEqual(['buy-3']);
    expect(await ids({ q: 'order-77', type: 'PARTLY' })).toEqual([]);
  });

  test.each(['%', '_', '\\', '%_%', 'a%b', "' OR true --", '\u0000', '$1', '🙂'])(
    '%j is looked for as it is',
    async (q) => {
      await write(
        { id: 'plain', state: { a: 'xyz' } },
        { id: 'odd', state: { a: `<${q.replace('\u0000', '\uFFFD')}>` } },
      );
      expect(await ids({ q })).toEqual(['odd']);
    },
  );

  test('what is redacted is not found, nor anything of a saga whose definition is not known', async () => {
    const state = { card: { number: '4111', holder: 'Ada' }, order: 'o-1' };
    await write(
      { id: 'a', type: 'PARTLY', state },
      { id: 'b', type: 'HIDDEN', state: { card: { secret: '4111' }, order: 'o-1' } },
      { id: 'c', type: 'UNKNOWN_HERE', state },
      { id: 'd', type: 'PLAIN', state },
    );
    expect(await ids({ q: '4111' })).toEqual(['d']);
    expect(await ids({ q: 'o-1' })).toEqual(['d', 'a']);
  });

  test('a saga is found by its whole id however old it is, once', async () => {
    await write({ id: 'old-0d4c', status: 'CANCELLED' });
    await engine.sql.query(
      `INSERT INTO saga_state (saga_id, saga_type, status, current_step, definition, completed_at, state)
       SELECT 'bulk-' || i, 'PLAIN', 'COMPLETED', 'A', '{A}', now(), '{}' FROM generate_series(1, $1::int) AS i`,
      [SEARCHED + 1],
    );
    await write({ id: 'new', state: { follows: 'old-0d4c' } });
    const first = await engine.runner.list({ q: 'OLD-0d4c', limit: 10 });
    expect(first.items.map(({ sagaId }) => sagaId)).toEqual(['old-0d4c', 'new']);
    expect(first.nextCursor).not.toBeNull();
    expect(await walk({ q: 'old-0d4c', limit: 1 })).toEqual(['old-0d4c', 'new']);
    expect(await ids({ q: 'old-0d4c', status: 'COMPLETED' })).toEqual(['new']);
    // Other text of it takes a second page: the first one looked at the newest 50,000.
    expect(await ids({ q: 'old-0d' })).toEqual(['new']);
    expect(await walk({ q: 'old-0d' })).toEqual(['new', 'old-0d4c']);
  });

  test('a list that takes PostgreSQL too long is refused, with what would help', async () => {
    const blocker = await engine.sql.connect();
    try {
      await blocker.query('BEGIN; LOCK TABLE saga_state IN ACCESS EXCLUSIVE MODE');
      const app = checkedApp({ runner: engine.runner, log: pino({ level: 'silent' }) });
      expectProblem(await request(app).get('/api/sagas?q=x'), 422, 'SEARCH_TOO_BROAD');
    } finally {
      await blocker.query('ROLLBACK');
      blocker.release();
    }
  });
});

describe('over HTTP', () => {
  const get = (query: string) =>
    request(checkedApp({ runner: engine.runner, log: pino({ level: 'silent' }) })).get(`/api/sagas?${query}`);

  test('the filters are read', async () => {
    await write({ id: 'one', status: 'TIMEOUT', state: { a: 'x%y' } }, { id: 'two', status: 'RUNNING' });
    const { body } = await get(
      'status=TIMEOUT,RUNNING&q=x%25y&from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00%2B01:00',
    );
    expect((body as Page<SagaSummary>).items.map(({ sagaId }) => sagaId)).toEqual(['one']);
  });

  test.each([
    'status=',
    'status=RUNNING,',
    'status=DONE',
    'q=',
    'q=%20',
    `q=${'x'.repeat(201)}`,
    'from=yesterday',
    'to=2026-13-01T00:00:00Z',
    'from=2026-01-01',
    'limit=201',
    'limit=0',
    'nonsense=1',
  ])('%s is refused', async (query) => {
    expectProblem(await get(query), 422, 'INVALID_REQUEST');
  });

  test.each([
    '',
    'x',
    'LTE',
    Buffer.from('9'.repeat(19)).toString('base64url'),
    Buffer.from('1; DROP').toString('base64url'),
  ])('cursor %j is refused, with any filter', async (cursor) => {
    for (const filter of ['', 'status=FAILED&', 'q=x&', 'from=2020-01-01T00:00:00Z&'])
      expect([400, 422]).toContain((await get(`${filter}cursor=${cursor}`)).status);
  });
});

import type { SqlClient, SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import type { Registry } from '../../core/registry.ts';
import { isTerminal } from '../../core/status.ts';
import { isCancelledStatement } from '../fault.ts';
import { cursorOf, pageLimit, readCursor } from '../paging.ts';
import type { IdRange } from './saga-filter.ts';
import { conditions, newest, parameters, statusesOf, timeConditions } from './saga-filter.ts';
import { matches, wholeIdOf } from './saga-search.ts';
import type { SummaryRow } from './summary.ts';
import { SUMMARY_COLUMNS, summary } from './summary.ts';
import { transact } from '../transact.ts';
import type { Page, SagaFilter, SagaSummary } from '../views.ts';

/** How many sagas one page of a search looks at. The states of a million of them would take seconds. */
export const SEARCHED = 50_000;
/** How long one statement of a list may take, in milliseconds. */
const LIMIT_MS = 3_000;
const BOUNDS = { maxWait: 10_000, timeout: 15_000 } as const;
/** Greater than every id. */
const START = 999_999_999_999_999_999n;

/**
 * A page of sagas, newest first. With a text, a page looks at the next 50,000 sagas that the rest of the filter leaves: it may
 * have fewer than `limit` items, or none, and still a `nextCursor`. Throws SEARCH_TOO_BROAD when PostgreSQL takes too long.
 */
export async function listSagas(sql: SqlClient, registry: Registry, filter: SagaFilter): Promise<Page<SagaSummary>> {
  if (filter.q === undefined && filter.status === undefined && filter.from === undefined && filter.to === undefined)
    return listIn(sql, registry, filter);
  try {
    return await transact(sql, BOUNDS, async (tx) => {
      await tx.$queryRawUnsafe(
        `SELECT set_config('statement_timeout', '${LIMIT_MS}', true), set_config('plan_cache_mode', 'force_custom_plan', true)`,
      );
      return listIn(tx, registry, filter);
    });
  } catch (error) {
    if (!isCancelledStatement(error)) throw error;
    const hint = 'narrow it by type, status or time';
    throw new RunnerError('SEARCH_TOO_BROAD', `The list takes more than ${LIMIT_MS} ms: ${hint}`, { cause: error });
  }
}

async function listIn(sql: SqlRunner, registry: Registry, filter: SagaFilter): Promise<Page<SagaSummary>> {
  const before = readCursor(filter.cursor);
  const range = await idRange(sql, filter);
  if (range === 'empty') return { items: [], nextCursor: null };
  const limit = pageLimit(filter.limit);
  if (filter.q !== undefined) return search(sql, registry, { ...filter, q: filter.q }, range, limit);
  const given = parameters();
  const where = [
    ...conditions(filter, given, range),
    ...(before === null ? [] : [`id < ${given.add(before, 'bigint')}`]),
  ];
  const statement = newest(SUMMARY_COLUMNS, statusesOf(filter), where, limit + 1);
  const rows = await sql.$queryRawUnsafe<SummaryRow[]>(statement, ...given.values);
  const shown = rows.slice(0, limit);
  return pageOf(shown, rows.length > limit ? shown.at(-1)?.id : undefined);
}

/** Ids are given in the order of starts, as good as always. So a list of a time is one of a range of ids, whose ends are read
 *  from an index alone; the list is then read by id, which stops when the page is full. */
async function idRange(sql: SqlRunner, filter: SagaFilter): Promise<IdRange | 'empty' | undefined> {
  if (filter.from === undefined && filter.to === undefined) return undefined;
  const given = parameters();
  const time = timeConditions(filter, given.add).join(' AND ');
  const statuses = statusesOf(filter);
  const groups = [
    ...(statuses === undefined || statuses.some(isTerminal) ? ['completed_at IS NOT NULL'] : []),
    ...(statuses === undefined || statuses.includes('RUNNING') || statuses.includes('COMPENSATING')
      ? [`status IN ('RUNNING', 'COMPENSATING')`]
      : []),
    ...(statuses === undefined || statuses.includes('FAILED') ? [`status = 'FAILED'`] : []),
  ];
  const ids = groups.map((group) => `SELECT id FROM saga_state WHERE ${group} AND ${time}`).join(' UNION ALL ');
  // With OFFSET 0 the planner reads the time's index, instead of all ids until one is of the time.
  const [row] = await sql.$queryRawUnsafe<{ first: bigint | null; last: bigint | null }[]>(
    `SELECT min(id) AS first, max(id) AS last FROM (${ids || 'SELECT NULL::bigint AS id'} OFFSET 0) AS of_time`,
    ...(groups.length === 0 ? [] : given.values),
  );
  return row && row.first !== null && row.last !== null ? { first: row.first, last: row.last } : 'empty';
}

interface Search extends SagaFilter {
  readonly q: string;
}

/** The saga of the whole id comes first, on the first page alone; then those that the window has. */
async function search(
  sql: SqlRunner,
  registry: Registry,
  filter: Search,
  range: IdRange | undefined,
  limit: number,
): Promise<Page<SagaSummary>> {
  const before = readCursor(filter.cursor);
  const key = wholeIdOf(filter.q);
  const found = key === undefined || before !== null ? undefined : await findById(sql, filter, key);
  const room = found ? limit - 1 : limit;
  const given = parameters();
  const where = [
    ...conditions(filter, given, range),
    `id < ${given.add(before ?? String(START), 'bigint')}`,
    ...(key === undefined ? [] : [`saga_id <> ${given.add(key, 'text')}`]),
  ];
  const statuses = statusesOf(filter);
  const ofWindow = [...given.values];
  const window = newest(`${SUMMARY_COLUMNS}, state`, statuses, where, SEARCHED);
  const rows = await sql.$queryRawUnsafe<SummaryRow[]>(
    `SELECT ${SUMMARY_COLUMNS} FROM (${window}) AS candidate
     WHERE ${matches(filter.q, registry, given)} ORDER BY id DESC LIMIT ${room + 1}`,
    ...given.values,
  );
  const shown = rows.slice(0, room);
  const end =
    rows.length > room
      ? (shown.at(-1)?.id ?? START)
      : await endOfWindow(sql, newest('id', statuses, where, SEARCHED), ofWindow);
  return pageOf(found ? [found, ...shown] : shown, end);
}

async function findById(sql: SqlRunner, filter: Search, sagaId: string): Promise<SummaryRow | undefined> {
  const given = parameters();
  const where = [...conditions(filter, given, undefined), `saga_id = ${given.add(sagaId, 'text')}`];
  const [row] = await sql.$queryRawUnsafe<SummaryRow[]>(
    newest(SUMMARY_COLUMNS, statusesOf(filter), where, 1),
    ...given.values,
  );
  return row;
}

/** The last id of a full window: the search goes on after it. */
async function endOfWindow(sql: SqlRunner, window: string, values: readonly unknown[]): Promise<bigint | undefined> {
  const [last] = await sql.$queryRawUnsafe<{ id: bigint }[]>(
    `SELECT id FROM (${window}) AS candidate ORDER BY id DESC OFFSET ${SEARCHED - 1} LIMIT 1`,
    ...values,
  );
  return last?.id;
}

function pageOf(rows: readonly SummaryRow[], end: bigint | undefined): Page<SagaSummary> {
  return { items: rows.map(summary), nextCursor: end === undefined ? null : cursorOf(end) };
}

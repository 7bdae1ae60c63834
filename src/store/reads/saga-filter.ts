import type { SagaStatus } from '../../core/status.ts';
import { SAGA_STATUSES } from '../../core/status.ts';
import type { SagaFilter } from '../views.ts';

/** What a statement is given: `add` answers the parameter's name in it. */
export interface Parameters {
  readonly values: readonly unknown[];
  add(value: unknown, type: string): string;
}

export function parameters(): Parameters {
  const values: unknown[] = [];
  return { values, add: (value, type) => `$${values.push(value)}::${type}` };
}

/** The ids in which all sagas of a time are. */
export interface IdRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** The statuses that are asked for; undefined: all. */
export function statusesOf({ status }: SagaFilter): readonly SagaStatus[] | undefined {
  if (status === undefined) return undefined;
  const asked = typeof status === 'string' ? [status] : status;
  const known = SAGA_STATUSES.filter((each) => asked.includes(each));
  return known.length === SAGA_STATUSES.length ? undefined : known;
}

/** The conditions of a filter, but for status and text. */
export function conditions(filter: SagaFilter, { add }: Parameters, range: IdRange | undefined): readonly string[] {
  return [
    ...(filter.type === undefined ? [] : [`saga_type = ${add(filter.type, 'text')}`]),
    ...timeConditions(filter, add),
    ...(range ? [`id >= ${add(String(range.first), 'bigint')}`, `id <= ${add(String(range.last), 'bigint')}`] : []),
  ];
}

export function timeConditions({ from, to }: SagaFilter, add: Parameters['add']): readonly string[] {
  return [
    ...(from === undefined ? [] : [`started_at >= ${add(timestamp(from), 'timestamp')}`]),
    ...(to === undefined ? [] : [`started_at < ${add(timestamp(to), 'timestamp')}`]),
  ];
}

/** A statement of `columns` of the newest `count` sagas that fulfil the conditions. A branch for each status, and the status
 *  in words: the planner has to see which partial index is enough. */
export function newest(
  columns: string,
  statuses: readonly SagaStatus[] | undefined,
  where: readonly string[],
  count: number,
): string {
  const branch = (more: readonly string[]) => {
    const all = [...more, ...where];
    const filtered = all.length === 0 ? '' : `WHERE ${all.join(' AND ')} `;
    return `SELECT ${columns} FROM saga_state ${filtered}ORDER BY id DESC LIMIT ${count}`;
  };
  const [only, ...others] = statuses?.map((status) => branch([`status = '${status}'`])) ?? [branch([])];
  if (only === undefined) return branch(['false']);
  if (others.length === 0) return only;
  return `${[only, ...others].map((each) => `(${each})`).join(' UNION ALL ')} ORDER BY id DESC LIMIT ${count}`;
}

/** PostgreSQL knows no year 0, and does not read years that JavaScript writes with a sign. No saga is of such. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(9000, 0, 1);

function timestamp(time: string): string {
  return new Date(Math.min(Math.max(Date.parse(time), EARLIEST_MS), LATEST_MS)).toISOString();
}

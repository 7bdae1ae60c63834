import { RunnerError } from '../core/errors.ts';
import type { Page } from './views.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

export function pageLimit(limit = DEFAULT_LIMIT): number {
  return Math.min(Math.max(limit, 1), MAX_LIMIT);
}

export function cursorOf(id: bigint): string {
  return Buffer.from(String(id)).toString('base64url');
}

/** The cursor is the id of the page's last row; a client need not know. */
export function readCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{1,18}$/.test(id))
    throw new RunnerError('INVALID_CURSOR', `Cursor ${JSON.stringify(cursor)} is not one of ours`);
  return id;
}

/** A page of rows, of which one more than `limit` was asked for. */
export function page<Row extends { readonly id: bigint }, T>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(view), nextCursor: last ? cursorOf(last.id) : null };
}

import type { SqlRunner } from '../core/definition.ts';
import { page, pageLimit, readCursor } from './paging.ts';
import type { SummaryRow } from './summary.ts';
import { SUMMARY_COLUMNS, summary } from './summary.ts';
import type { Page, SagaFilter, SagaSummary } from './views.ts';

export async function listSagas(sql: SqlRunner, filter: SagaFilter): Promise<Page<SagaSummary>> {
  const limit = pageLimit(filter.limit);
  const rows = await sql.$queryRawUnsafe<SummaryRow[]>(
    `SELECT ${SUMMARY_COLUMNS} FROM saga_state
     WHERE ($1::text IS NULL OR saga_type = $1) AND ($2::text IS NULL OR status = $2) AND ($3::bigint IS NULL OR id < $3)
     ORDER BY id DESC LIMIT $4::int`,
    filter.type ?? null,
    filter.status ?? null,
    readCursor(filter.cursor),
    limit + 1,
  );
  return page(rows, limit, summary);
}

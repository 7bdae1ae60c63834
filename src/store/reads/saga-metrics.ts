import type { SqlRunner } from '../../core/definition.ts';
import type { SagaStatus } from '../../core/status.ts';
import type { SagaCounts, SagaMetrics } from '../views.ts';

export interface CountRow {
  readonly type: string;
  readonly status: SagaStatus;
  readonly count: number;
}

/** Counts all sagas: with a million of them it takes a quarter of a second (`bench:reconciler` has such a table). */
export async function readCounts(sql: SqlRunner): Promise<readonly CountRow[]> {
  return sql.$queryRawUnsafe<CountRow[]>(
    `SELECT saga_type AS type, status, count(*)::int AS count FROM saga_state GROUP BY saga_type, status ORDER BY saga_type`,
  );
}

export function metricsOf(rows: readonly CountRow[], oldestReadyMs: number): SagaMetrics {
  const types = [...new Set(rows.map(({ type }) => type))];
  return {
    ...countsOf(rows),
    oldestReadyMs,
    types: types.map((type) => ({ type, ...countsOf(rows.filter((row) => row.type === type)) })),
  };
}

function countsOf(rows: readonly CountRow[]): SagaCounts {
  const count = (...statuses: SagaStatus[]) =>
    rows.filter((row) => statuses.includes(row.status)).reduce((sum, row) => sum + row.count, 0);
  const completed = count('COMPLETED');
  const failed = count('FAILED', 'COMPENSATED', 'TIMEOUT', 'CANCELLED', 'ABANDONED');
  const ended = completed + failed;
  return {
    total: rows.reduce((sum, row) => sum + row.count, 0),
    running: count('RUNNING', 'COMPENSATING'),
    failed,
    parked: count('FAILED'),
    successRate: ended === 0 ? 1 : completed / ended,
  };
}

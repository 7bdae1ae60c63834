import type { SqlRunner } from '../../core/definition.ts';
import type { SagaStatus } from '../../core/status.ts';
import { SAGA_STATUSES, isTerminal } from '../../core/status.ts';
import { readFigures } from './figures.ts';
import type { CountRow } from './saga-metrics.ts';
import { sharedRead } from './shared-read.ts';
import type { OverviewFigures, OverviewPoint, OverviewWindow } from '../views.ts';

const MINUTE_MS = 60_000;

/** How a window is cut: 48 to 72 buckets. Their bounds are whole ones in UTC. */
export const WINDOWS: Readonly<Record<OverviewWindow, { readonly bucketMs: number; readonly buckets: number }>> = {
  '1h': { bucketMs: MINUTE_MS, buckets: 60 },
  '6h': { bucketMs: 5 * MINUTE_MS, buckets: 72 },
  '24h': { bucketMs: 30 * MINUTE_MS, buckets: 48 },
  '7d': { bucketMs: 180 * MINUTE_MS, buckets: 56 },
};

/** What was read holds for so many times as long as it took: a week may have a million sagas. */
const KEEP = 20;

// Both parts read indexes: all ends that of their times alone, and those that failed the few rows that did.
const SERIES = `
  SELECT extract(epoch FROM at)::float8 * 1000 AS at_ms, sum(ended)::int AS ended, sum(failed)::int AS failed FROM (
    SELECT date_bin($1::interval, completed_at, timestamp '1970-01-01') AS at, count(*) AS ended, 0 AS failed
    FROM saga_state WHERE completed_at >= $2::timestamp GROUP BY 1
    UNION ALL
    SELECT date_bin($1::interval, completed_at, timestamp '1970-01-01'), 0, count(*)
    FROM saga_state WHERE status IN ('COMPENSATED', 'TIMEOUT', 'CANCELLED', 'ABANDONED') AND completed_at >= $2::timestamp
    GROUP BY 1
  ) AS part GROUP BY at`;

export type ReadOverview = (window: OverviewWindow) => Promise<OverviewFigures>;

/** @param counted How many sagas there are by type and status. It may be some seconds old: of what has not ended it is not used. */
export function createOverview(sql: SqlRunner, counted: () => Promise<readonly CountRow[]>): ReadOverview {
  const keepMs = (tookMs: number) => Math.max(1_000, tookMs * KEEP);
  const read = (window: OverviewWindow) => sharedRead(() => readSeries(sql, window), keepMs);
  const series = { '1h': read('1h'), '6h': read('6h'), '24h': read('24h'), '7d': read('7d') };
  const figures = sharedRead(
    () => readFigures(sql),
    () => 1_000,
  );
  return async (window) => {
    const [all, { unfinished, openTasks }, points] = await Promise.all([counted(), figures(), series[window]()]);
    const counts = countsOf([...all.filter(({ status }) => isTerminal(status)), ...unfinished]);
    const failed = sum(points.map((point) => point.failed));
    const ended = failed + sum(points.map((point) => point.completed));
    return {
      at: new Date().toISOString(),
      counts,
      parked: counts.FAILED,
      openTasks: sum(openTasks.map(({ count }) => count)),
      series: points,
      failureRate: ended === 0 ? 0 : failed / ended,
    };
  };
}

function countsOf(rows: readonly Omit<CountRow, 'type'>[]): Readonly<Record<SagaStatus, number>> {
  const of = (status: SagaStatus) => sum(rows.filter((row) => row.status === status).map(({ count }) => count));
  return Object.fromEntries(SAGA_STATUSES.map((status) => [status, of(status)])) as Record<SagaStatus, number>;
}

async function readSeries(sql: SqlRunner, window: OverviewWindow): Promise<readonly OverviewPoint[]> {
  const { bucketMs, buckets } = WINDOWS[window];
  const lastMs = Math.floor(Date.now() / bucketMs) * bucketMs;
  const times = Array.from({ length: buckets }, (_, index) => lastMs - (buckets - 1 - index) * bucketMs);
  const rows = await sql.$queryRawUnsafe<{ at_ms: number; ended: number; failed: number }[]>(
    SERIES,
    `${bucketMs} milliseconds`,
    new Date(times[0] ?? lastMs).toISOString(),
  );
  const byTime = new Map(rows.map((row) => [row.at_ms, row]));
  return times.map((atMs) => {
    const { ended = 0, failed = 0 } = byTime.get(atMs) ?? {};
    return { at: new Date(atMs).toISOString(), completed: ended - failed, failed };
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

import type { SqlClient, SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import { nextOf } from '../../core/next.ts';
import { shown } from '../../core/redact.ts';
import type { Registry } from '../../core/registry.ts';
import type { Ending } from '../../core/status.ts';
import type { StepRow } from '../sagas/loaded-saga.ts';
import { outlookOf } from './outlook.ts';
import { readOldestReadyMs } from './oldest-ready.ts';
import type { ReadOverview } from './overview.ts';
import { createOverview } from './overview.ts';
import { metricsOf, readCounts } from './saga-metrics.ts';
import { sharedRead } from './shared-read.ts';
import { listSagas } from './saga-list.ts';
import { stepView } from './step-view.ts';
import type { SummaryRow } from './summary.ts';
import { SUMMARY_COLUMNS, isoTime, summary } from './summary.ts';
import type { TaskViews } from '../desk/task-views.ts';
import type { LogEntry, Page, SagaFilter, SagaMetrics, SagaSummary, SagaView } from '../views.ts';

interface SagaRow extends SummaryRow {
  readonly generation: number;
  readonly definition: readonly string[];
  readonly input: unknown;
  readonly state: unknown;
  readonly wait_until: Date | null;
  readonly ending: Ending | null;
  readonly check_ins: number;
  readonly cleared: number;
}

/** All sagas are counted, and finished ones may be millions: the counts hold for so many times as long as they took. */
const METRICS_KEEP = 20;

/** What people and programs read: no decision is made from it. */
export interface Queries {
  get(sagaId: string): Promise<SagaView>;
  list(filter: SagaFilter): Promise<Page<SagaSummary>>;
  metrics(): Promise<SagaMetrics>;
  readonly overview: ReadOverview;
}

export function createQueries(sql: SqlClient, registry: Registry, tasks: Pick<TaskViews, 'ofSaga'>): Queries {
  const counted = sharedRead(
    () => readCounts(sql),
    (tookMs) => tookMs * METRICS_KEEP,
  );
  const oldestReady = sharedRead(
    () => readOldestReadyMs(sql),
    () => 0,
  );
  return {
    get: (sagaId) => getSaga(sql, registry, tasks, sagaId),
    list: (filter) => listSagas(sql, registry, filter),
    metrics: async () => metricsOf(await counted(), await oldestReady()),
    overview: createOverview(sql, counted),
  };
}

async function getSaga(
  sql: SqlRunner,
  registry: Registry,
  taskViews: Pick<TaskViews, 'ofSaga'>,
  sagaId: string,
): Promise<SagaView> {
  const [row] = await sql.$queryRawUnsafe<SagaRow[]>(
    `SELECT ${SUMMARY_COLUMNS}, generation, definition, input, state, wait_until,
       ending, check_ins, cleared FROM saga_state WHERE saga_id = $1`,
    sagaId,
  );
  if (!row) throw new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`);
  const [steps, tasks, log] = await Promise.all([
    sql.$queryRawUnsafe<StepRow[]>(`SELECT * FROM saga_step WHERE saga_id = $1`, sagaId),
    taskViews.ofSaga(sagaId),
    sql.$queryRawUnsafe<(Omit<LogEntry, 'at'> & { readonly at: Date })[]>(
      `SELECT at, event, step, attempt, message, actor FROM saga_log WHERE saga_id = $1 ORDER BY id LIMIT 1000`,
      sagaId,
    ),
  ]);
  const byName = new Map(steps.map((step) => [step.name, step]));
  const definition = registry.get(row.saga_type);
  return {
    ...summary(row),
    generation: row.generation,
    input: shown(definition, row.input),
    state: shown(definition, row.state),
    waitUntil: isoTime(row.wait_until),
    next: nextOf(outlookOf(definition, row, byName, tasks)),
    steps: row.definition.map((name) => stepView(name, byName.get(name), row.status, definition)),
    tasks,
    log: log.map((entry) => ({ ...entry, at: entry.at.toISOString() })),
  };
}

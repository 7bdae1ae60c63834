import type { SagaDefinition, SqlRunner } from '../core/definition.ts';
import { RunnerError } from '../core/errors.ts';
import { shown } from '../core/redact.ts';
import type { Registry } from '../core/registry.ts';
import type { SagaStatus } from '../core/status.ts';
import type { StepRow } from './loaded-saga.ts';
import { page, pageLimit, readCursor } from './paging.ts';
import { readMetrics } from './saga-metrics.ts';
import { sharedRead } from './shared-read.ts';
import type { TaskViews } from './task-views.ts';
import type { LogEntry, Page, SagaFilter, SagaMetrics, SagaSummary, SagaView, StepView } from './views.ts';

interface SummaryRow {
  readonly id: bigint;
  readonly saga_id: string;
  readonly saga_type: string;
  readonly status: SagaStatus;
  readonly current_step: string;
  readonly step_index: number;
  readonly error_message: string | null;
  readonly reason: string | null;
  readonly retry_count: number;
  readonly started_at: Date;
  readonly updated_at: Date;
  readonly completed_at: Date | null;
  readonly timeout_at: Date | null;
}

interface SagaRow extends SummaryRow {
  readonly generation: number;
  readonly definition: readonly string[];
  readonly input: unknown;
  readonly state: unknown;
  readonly wait_until: Date | null;
}

const SUMMARY_COLUMNS = `id, saga_id, saga_type, status, current_step, step_index, error_message, reason, retry_count,
  started_at, updated_at, completed_at, timeout_at`;
/** All sagas are counted, and finished ones may be millions: the counts hold for so many times as long as they took. */
const METRICS_KEEP = 20;

/** What people and programs read: no decision is made from it. */
export interface Queries {
  get(sagaId: string): Promise<SagaView>;
  list(filter: SagaFilter): Promise<Page<SagaSummary>>;
  metrics(): Promise<SagaMetrics>;
}

export function createQueries(sql: SqlRunner, registry: Registry, tasks: Pick<TaskViews, 'ofSaga'>): Queries {
  return {
    get: (sagaId) => getSaga(sql, registry, tasks, sagaId),
    list: (filter) => listSagas(sql, filter),
    metrics: sharedRead(
      () => readMetrics(sql),
      (tookMs) => tookMs * METRICS_KEEP,
    ),
  };
}

async function getSaga(
  sql: SqlRunner,
  registry: Registry,
  taskViews: Pick<TaskViews, 'ofSaga'>,
  sagaId: string,
): Promise<SagaView> {
  const [row] = await sql.$queryRawUnsafe<SagaRow[]>(
    `SELECT ${SUMMARY_COLUMNS}, generation, definition, input, state, wait_until FROM saga_state WHERE saga_id = $1`,
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
    steps: row.definition.map((name) => stepView(name, byName.get(name), row.status, definition)),
    tasks,
    log: log.map((entry) => ({ ...entry, at: entry.at.toISOString() })),
  };
}

async function listSagas(sql: SqlRunner, filter: SagaFilter): Promise<Page<SagaSummary>> {
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

function summary(row: SummaryRow): SagaSummary {
  return {
    sagaId: row.saga_id,
    type: row.saga_type,
    status: row.status,
    currentStep: row.current_step,
    stepIndex: row.step_index,
    error: row.error_message,
    reason: row.reason,
    retryCount: row.retry_count,
    startedAt: row.started_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    completedAt: isoTime(row.completed_at),
    timeoutAt: isoTime(row.timeout_at),
  };
}

function stepView(
  name: string,
  row: StepRow | undefined,
  sagaStatus: SagaStatus,
  definition: SagaDefinition | undefined,
): StepView {
  return {
    name,
    status: row?.status ?? (sagaStatus === 'RUNNING' ? 'PENDING' : 'SKIPPED'),
    output: shown(definition, row?.output ?? null),
    attempts: row?.attempts ?? 0,
    error: row?.error_message ?? null,
    startedAt: isoTime(row?.started_at ?? null),
    doneAt: isoTime(row?.done_at ?? null),
    compensationAttempts: row?.compensation_attempts ?? 0,
    compensationError: row?.compensation_error ?? null,
    compensatedAt: isoTime(row?.compensated_at ?? null),
  };
}

function isoTime(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

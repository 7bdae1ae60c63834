import type { SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import { executeKey } from '../../core/keys.ts';
import type { Registry } from '../../core/registry.ts';
import { resolutionsOf } from '../../core/resolutions.ts';
import type { SagaStatus } from '../../core/status.ts';
import type { Resolution, TaskKind } from '../../core/task.ts';
import { patternOf } from '../../core/task.ts';
import type { LoadedSaga, StepRow } from '../sagas/loaded-saga.ts';
import { readSagas } from '../sagas/loaded-saga.ts';
import { page, pageLimit, readCursor } from '../paging.ts';
import { TASKS, rescueState } from '../sagas/tasks.ts';
import type { Page, TaskFilter, TaskView } from '../views.ts';

export interface TaskRow {
  readonly id: bigint;
  readonly saga_id: string;
  readonly saga_type: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly fingerprint: string;
  readonly status: 'open' | 'resolved';
  readonly message: string;
  readonly created_at: Date;
  readonly resolution: Resolution | null;
  readonly reason: string | null;
  readonly resolved_by: string | null;
  readonly resolved_at: Date | null;
  readonly rescue_saga_id: string | null;
  readonly rescue_status: SagaStatus | null;
}

/** Throws UNKNOWN_TASK. */
export async function readTask(sql: SqlRunner, id: string): Promise<TaskRow> {
  const [row] = /^\d{1,18}$/.test(id)
    ? await sql.$queryRawUnsafe<TaskRow[]>(`${TASKS} WHERE task.id = $1::bigint`, id)
    : [];
  if (!row) throw new RunnerError('UNKNOWN_TASK', `There is no task ${id}`);
  return row;
}

/** What can be done about a task. */
export function optionsOf(task: TaskRow, saga: LoadedSaga | undefined): ReadonlyMap<Resolution, string> {
  if (!saga || task.status !== 'open') return new Map();
  const step = saga.definition?.steps.find(({ name }) => name === task.step);
  return resolutionsOf({
    kind: task.kind,
    step: task.step,
    record: saga.record,
    known: saga.definition !== undefined,
    verifiable: step?.kind === 'step' && step.verify !== undefined,
    rescue: rescueState(task),
  });
}

export interface TaskViews {
  list(filter: TaskFilter): Promise<Page<TaskView>>;
  ofSaga(sagaId: string): Promise<readonly TaskView[]>;
  get(id: string): Promise<TaskView>;
}

/** Tasks as people and programs see them. */
export function createTaskViews(sql: SqlRunner, registry: Registry): TaskViews {
  const view = async (rows: readonly TaskRow[]) => {
    const sagas = await readSagas(sql, registry, [...new Set(rows.map((row) => row.saga_id))], 'read');
    return rows.map((row) => taskView(row, sagas.get(row.saga_id)));
  };
  return {
    list: async (filter) => {
      const limit = pageLimit(filter.limit);
      const { items, nextCursor } = page(await readTasks(sql, filter, limit + 1), limit, (row) => row);
      return { items: await view(items), nextCursor };
    },
    ofSaga: async (sagaId) =>
      view(await sql.$queryRawUnsafe<TaskRow[]>(`${TASKS} WHERE task.saga_id = $1 ORDER BY task.id`, sagaId)),
    get: async (id) => {
      const row = await readTask(sql, id);
      return taskView(row, (await readSagas(sql, registry, [row.saga_id], 'read')).get(row.saga_id));
    },
  };
}

async function readTasks(sql: SqlRunner, filter: TaskFilter, limit: number): Promise<readonly TaskRow[]> {
  return sql.$queryRawUnsafe<TaskRow[]>(
    `${TASKS}
     WHERE ($1::text IS NULL OR task.status = $1) AND ($2::text IS NULL OR task.fingerprint = $2)
       AND ($3::text IS NULL OR task.saga_id = $3) AND ($4::text IS NULL OR task.saga_type = $4)
       AND ($5::bigint IS NULL OR task.id < $5)
     ORDER BY task.id DESC LIMIT $6::int`,
    filter.status ?? null,
    filter.fingerprint ?? null,
    filter.sagaId ?? null,
    filter.type ?? null,
    readCursor(filter.cursor),
    limit,
  );
}

function taskView(row: TaskRow, saga: LoadedSaga | undefined): TaskView {
  const options = optionsOf(row, saga);
  return {
    id: String(row.id),
    sagaId: row.saga_id,
    type: row.saga_type,
    step: row.step,
    kind: row.kind,
    status: row.status,
    message: row.message,
    rescue: rescueState(row) ?? null,
    pattern: patternOf(row.message),
    fingerprint: row.fingerprint,
    known: saga ? knownOf(row, saga) : [],
    resolutions: [...options.keys()],
    effects: Object.fromEntries(options),
    createdAt: row.created_at.toISOString(),
    resolution: row.resolution,
    reason: row.reason,
    resolvedBy: row.resolved_by,
    resolvedAt: row.resolved_at?.toISOString() ?? null,
  };
}

/** What an operator would otherwise have to look up. */
function knownOf(task: TaskRow, saga: LoadedSaga): readonly string[] {
  const { step, kind } = task;
  const { record } = saga;
  const row = saga.rows.get(step);
  const known = [whetherItActed(step, kind, row)];
  if (row && row.compensation_attempts > 0 && kind === 'COMPENSATION_FAILED')
    known.push(`Its compensation was tried ${times(row.compensation_attempts)}, lastly: ${row.compensation_error}`);
  const rescue = rescueState(task);
  if (rescue) known.push(RESCUE_WORDS[rescue.status](`Saga ${rescue.sagaId}, its rescue,`, step));
  known.push(`To the systems that it changes it called itself ${executeKey(record.sagaId, step)}.`);
  const inEffect = record.steps
    .filter(({ status }) => status === 'DONE' || status === 'UNKNOWN')
    .map(({ name }) => name);
  const undone = record.steps.filter(({ status }) => status === 'COMPENSATED').map(({ name }) => name);
  if (undone.length > 0) known.push(`Undone so far: ${undone.join(', ')}.`);
  if (inEffect.length > 0) known.push(`Not undone: ${inEffect.join(', ')}.`);
  return known;
}

function whetherItActed(step: string, kind: TaskKind, row: StepRow | undefined): string {
  if (kind === 'LATE_RESULT') return `${step} came back after its saga had turned back without it.`;
  if (row?.done_at) return `${step} was recorded as done at ${row.done_at.toISOString()}.`;
  if (!row?.attempts)
    return `Nobody knows whether ${step} acted: it was begun, and its saga turned back before it answered.`;
  return `Nobody knows whether ${step} acted. It was tried ${times(row.attempts)}, lastly: ${row.error_message}`;
}

const isAtWork = (rescue: string, step: string) =>
  `${rescue} has not ended. When it has completed, ${step} counts as undone; if it is undone itself, a person decides.`;
const leftIt = (rescue: string) => `${rescue} was undone, so it is as if it had not run.`;
const RESCUE_WORDS: Readonly<Record<SagaStatus, (rescue: string, step: string) => string>> = {
  RUNNING: isAtWork,
  COMPENSATING: isAtWork,
  FAILED: (rescue) => `${rescue} waits for a person itself: its own task comes first.`,
  COMPLETED: (rescue, step) => `${rescue} has completed: ${step} counts as undone.`,
  COMPENSATED: leftIt,
  TIMEOUT: leftIt,
  CANCELLED: leftIt,
  ABANDONED: (rescue) => `${rescue} was given up: look at what it left.`,
};

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

import type { SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import { patternOf } from '../../core/task.ts';
import type { Registry } from '../../core/registry.ts';
import { NOW_UTC } from '../fence.ts';
import { readSagas } from '../sagas/loaded-saga.ts';
import { withoutNul } from '../log.ts';
import { writeAudit } from '../audit.ts';
import type { TaskRow } from './task-views.ts';
import { optionsOf } from './task-views.ts';
import { TASKS } from '../sagas/tasks.ts';
import type { GroupRetry, TaskGroup } from '../views.ts';

interface GroupRow {
  readonly fingerprint: string;
  readonly count: number;
  readonly oldest_at: Date;
  readonly newest_at: Date;
  readonly example: bigint;
}

interface RetryRow {
  readonly id: bigint;
  readonly fingerprint: string;
  readonly total: number;
  readonly retried: number;
  readonly skipped: number;
  readonly actor: string;
  readonly reason: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

const GROUP_LIMIT = 200;
const GROUPS = `
  SELECT fingerprint, count(*)::int AS count, min(created_at) AS oldest_at, max(created_at) AS newest_at, max(id) AS example
  FROM operator_task WHERE status = 'open'
  GROUP BY fingerprint, CASE WHEN fingerprint = '' THEN id END
  ORDER BY count DESC, example DESC LIMIT ${GROUP_LIMIT}`;

/** The groups of open tasks, the largest first: at most 200. */
export async function listGroups(sql: SqlRunner, registry: Registry): Promise<readonly TaskGroup[]> {
  const groups = await sql.$queryRawUnsafe<GroupRow[]>(GROUPS);
  if (groups.length === 0) return [];
  const tasks = await sql.$queryRawUnsafe<TaskRow[]>(
    `${TASKS} WHERE task.id = ANY($1::bigint[])`,
    groups.map(({ example }) => String(example)),
  );
  const sagas = await readSagas(sql, registry, [...new Set(tasks.map((task) => task.saga_id))], 'read');
  const retries = await sql.$queryRawUnsafe<RetryRow[]>(
    `SELECT DISTINCT ON (fingerprint) * FROM group_retry WHERE fingerprint = ANY($1::text[]) ORDER BY fingerprint, id DESC`,
    groups.map(({ fingerprint }) => fingerprint),
  );
  return groups.flatMap((group) => {
    const task = tasks.find(({ id }) => id === group.example);
    if (!task) return [];
    const retry = retries.find(({ fingerprint }) => fingerprint === group.fingerprint);
    const retryable = group.fingerprint !== '' && optionsOf(task, sagas.get(task.saga_id)).has('retry');
    return [groupView(group, task, retryable, retry)];
  });
}

function groupView(group: GroupRow, task: TaskRow, retryable: boolean, retry: RetryRow | undefined): TaskGroup {
  return {
    fingerprint: group.fingerprint,
    type: task.saga_type,
    step: task.step,
    kind: task.kind,
    pattern: patternOf(task.message),
    count: group.count,
    oldestAt: group.oldest_at.toISOString(),
    newestAt: group.newest_at.toISOString(),
    exampleTaskId: String(task.id),
    retryable,
    retry: retry ? retryView(retry) : null,
  };
}

/** A retry of the group's open tasks is under way from the commit on. Throws UNKNOWN_GROUP, and WRONG_STATE where one is already. */
export async function beginGroupRetry(
  tx: SqlRunner,
  fingerprint: string,
  { actor, reason }: { readonly actor: string; readonly reason: string },
): Promise<GroupRetry> {
  const [open] = await tx.$queryRawUnsafe<{ total: number; last: string | null }[]>(
    `SELECT count(*)::int AS total, max(id)::text AS last FROM operator_task WHERE status = 'open' AND fingerprint = $1`,
    fingerprint,
  );
  if (!open?.last || fingerprint === '')
    throw new RunnerError('UNKNOWN_GROUP', `No open task has fingerprint ${fingerprint}`);
  const [row] = await tx.$queryRawUnsafe<RetryRow[]>(
    `INSERT INTO group_retry (fingerprint, last_task_id, total, actor, reason) VALUES ($1, $2::bigint, $3::int, $4, $5)
     ON CONFLICT (fingerprint) WHERE finished_at IS NULL DO NOTHING RETURNING *`,
    fingerprint,
    open.last,
    open.total,
    actor,
    withoutNul(reason),
  );
  if (!row) throw new RunnerError('WRONG_STATE', `Group ${fingerprint} is being retried already`);
  await writeAudit(tx, { actor, action: 'retry-group', detail: `${fingerprint}: ${open.total} tasks`, reason });
  return retryView(row);
}

/** Throws UNKNOWN_GROUP. */
export async function readGroupRetry(sql: SqlRunner, id: string): Promise<GroupRetry> {
  const [row] = await sql.$queryRawUnsafe<RetryRow[]>(`SELECT * FROM group_retry WHERE id = $1::bigint`, id);
  if (!row) throw new RunnerError('UNKNOWN_GROUP', `There is no retry ${id} of a group`);
  return retryView(row);
}

/** What a retry of a group still has to do: the next open tasks, from the one after `cursor` on. */
export interface RetryWork extends Pick<GroupRetry, 'id' | 'actor' | 'reason'> {
  readonly taskIds: readonly string[];
}

/** The oldest retry under way, with up to `limit` of its tasks: none where all were looked at. Undefined where none is under way. */
export async function findRetryWork(sql: SqlRunner, limit: number): Promise<RetryWork | undefined> {
  const [retry] = await sql.$queryRawUnsafe<(RetryRow & { readonly last_task_id: bigint; readonly cursor: bigint })[]>(
    `SELECT * FROM group_retry WHERE finished_at IS NULL ORDER BY id LIMIT 1`,
  );
  if (!retry) return undefined;
  const tasks = await sql.$queryRawUnsafe<{ id: string }[]>(
    `SELECT id::text FROM operator_task
     WHERE status = 'open' AND fingerprint = $1 AND id > $2::bigint AND id <= $3::bigint ORDER BY id LIMIT $4::int`,
    retry.fingerprint,
    String(retry.cursor),
    String(retry.last_task_id),
    limit,
  );
  return { id: String(retry.id), actor: retry.actor, reason: retry.reason, taskIds: tasks.map(({ id }) => id) };
}

/** Counts a task of the retry, in the transaction that resolved it. */
export async function noteRetried(tx: SqlRunner, id: string): Promise<void> {
  await tx.$executeRawUnsafe(`UPDATE group_retry SET retried = retried + 1 WHERE id = $1::bigint`, id);
}

/** A batch was looked at up to this task: those of it that could not be retried are not tried again. */
export async function passRetry(sql: SqlRunner, id: string, taskId: string): Promise<void> {
  await sql.$executeRawUnsafe(
    `UPDATE group_retry SET cursor = greatest(cursor, $2::bigint) WHERE id = $1::bigint`,
    id,
    taskId,
  );
}

/** Whatever was not retried was dealt with otherwise, or could not be. */
export async function finishRetry(sql: SqlRunner, id: string): Promise<void> {
  await sql.$executeRawUnsafe(
    `UPDATE group_retry SET skipped = total - retried, finished_at = ${NOW_UTC} WHERE id = $1::bigint`,
    id,
  );
}

function retryView(row: RetryRow): GroupRetry {
  return {
    id: String(row.id),
    fingerprint: row.fingerprint,
    status: row.finished_at ? 'finished' : 'running',
    total: row.total,
    retried: row.retried,
    skipped: row.skipped,
    actor: row.actor,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

import type { SqlRunner } from '../../core/definition.ts';
import { NOW_UTC } from '../fence.ts';
import { withoutNul } from '../log.ts';
import type { RescueState } from '../../core/rescue.ts';
import { isInCharge } from '../../core/rescue.ts';
import type { SagaStatus } from '../../core/status.ts';
import type { Resolution, TaskSubject } from '../../core/task.ts';
import { fingerprintOf } from '../../core/task.ts';

export interface NewTask extends TaskSubject {
  readonly sagaId: string;
}

/** Answers the task's id. */
export async function openTask(tx: SqlRunner, task: NewTask): Promise<string> {
  const [row] = await tx.$queryRawUnsafe<{ id: string }[]>(
    `INSERT INTO operator_task (saga_id, saga_type, step, kind, message, fingerprint)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id::text`,
    task.sagaId,
    task.type,
    task.step,
    task.kind,
    withoutNul(task.message),
    fingerprintOf(task),
  );
  if (!row) throw new Error(`No task was opened for ${task.step} of saga ${task.sagaId}`);
  return row.id;
}

/** Every column, and how the rescue of the task stands. */
export const TASKS = `
  SELECT task.*, rescue.status AS rescue_status FROM operator_task AS task
  LEFT JOIN saga_state AS rescue ON rescue.saga_id = task.rescue_saga_id`;

interface RescueColumns {
  readonly rescue_saga_id: string | null;
  readonly rescue_status: SagaStatus | null;
}

export function rescueState({ rescue_saga_id, rescue_status }: RescueColumns): RescueState | undefined {
  return rescue_saga_id === null || rescue_status === null
    ? undefined
    : { sagaId: rescue_saga_id, status: rescue_status };
}

/** The open task of a step's failed compensation. `rescued`: it has a rescue, which nobody must anticipate. */
export async function findCompensationTask(
  tx: SqlRunner,
  sagaId: string,
  step: string,
): Promise<{ readonly taskId: string; readonly rescued: boolean } | undefined> {
  const [row] = await tx.$queryRawUnsafe<(RescueColumns & { readonly id: bigint })[]>(
    `${TASKS} WHERE task.saga_id = $1 AND task.step = $2 AND task.status = 'open' AND task.kind = 'COMPENSATION_FAILED'
     ORDER BY task.id DESC LIMIT 1`,
    sagaId,
    step,
  );
  if (!row) return undefined;
  const rescue = rescueState(row);
  return { taskId: String(row.id), rescued: rescue !== undefined && isInCharge(rescue) };
}

/** The rescues of a saga's open tasks. */
export async function findRescues(tx: SqlRunner, sagaId: string): Promise<readonly RescueState[]> {
  const rows = await tx.$queryRawUnsafe<RescueColumns[]>(
    `${TASKS} WHERE task.saga_id = $1 AND task.status = 'open'`,
    sagaId,
  );
  return rows.flatMap((row) => rescueState(row) ?? []);
}

export interface TaskResolution {
  readonly resolution: Resolution;
  readonly reason: string;
  readonly actor: string;
  /** It was no person: the rescue of the compensation has completed. */
  readonly byRescue?: boolean;
}

/** Closes the open tasks of a saga's compensations, or of one step's: whatever opened them is being dealt with. */
export async function closeCompensationTasks(
  tx: SqlRunner,
  { sagaId, step }: { readonly sagaId: string; readonly step?: string },
  { resolution, reason, actor }: TaskResolution,
): Promise<void> {
  await tx.$executeRawUnsafe(
    `UPDATE operator_task SET status = 'resolved', resolution = $3, reason = $4, resolved_by = $5, resolved_at = ${NOW_UTC}
     WHERE saga_id = $1 AND ($2::text IS NULL OR step = $2) AND status = 'open' AND kind <> 'LATE_RESULT'`,
    sagaId,
    step ?? null,
    resolution,
    withoutNul(reason),
    actor,
  );
}

/** Closes one open task. */
export async function closeTask(
  tx: SqlRunner,
  id: string,
  { resolution, reason, actor }: TaskResolution,
): Promise<void> {
  await tx.$executeRawUnsafe(
    `UPDATE operator_task SET status = 'resolved', resolution = $2, reason = $3, resolved_by = $4, resolved_at = ${NOW_UTC}
     WHERE id = $1::bigint AND status = 'open'`,
    id,
    resolution,
    withoutNul(reason),
    actor,
  );
}

import type { SqlRunner } from '../core/definition.ts';
import { NOW_UTC } from './fence.ts';
import { withoutNul } from './log.ts';
import type { Resolution, TaskSubject } from '../core/task.ts';
import { fingerprintOf } from '../core/task.ts';

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

/** The open task of a step's failed compensation. */
export async function findCompensationTask(tx: SqlRunner, sagaId: string, step: string): Promise<string | undefined> {
  const [row] = await tx.$queryRawUnsafe<{ id: string }[]>(
    `SELECT id::text FROM operator_task
     WHERE saga_id = $1 AND step = $2 AND status = 'open' AND kind = 'COMPENSATION_FAILED' ORDER BY id DESC LIMIT 1`,
    sagaId,
    step,
  );
  return row?.id;
}

export interface TaskResolution {
  readonly resolution: Resolution;
  readonly reason: string;
  readonly actor: string;
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

import type { SqlRunner } from '../../core/definition.ts';
import type { NewSaga } from '../../core/request.ts';
import { writeLog } from '../log.ts';
import { insertSagas } from './starts.ts';

/** The task that a rescue takes over. */
export interface RescuedTask {
  readonly taskId: string;
  readonly sagaId: string;
  readonly step: string;
}

/**
 * Starts the rescue of a task in the transaction that opened it. False where it was started before, for an earlier failure of
 * the same compensation, or where another saga works on its subject: then a person decides.
 */
export async function beginRescue(tx: SqlRunner, rescue: NewSaga, task: RescuedTask): Promise<boolean> {
  const { taskId, sagaId, step } = task;
  const [started] = await insertSagas(tx, [rescue]);
  if (started !== true) {
    await writeLog(tx, {
      sagaId,
      event: 'rescue not started',
      step,
      message: 'It was tried before, or its subject is busy',
    });
    return false;
  }
  await tx.$executeRawUnsafe(
    `UPDATE operator_task SET rescue_saga_id = $2 WHERE id = $1::bigint`,
    taskId,
    rescue.sagaId,
  );
  await writeLog(tx, { sagaId, event: 'rescue started', step, message: rescue.sagaId });
  return true;
}

/** Open tasks whose rescue has completed, and which that is: up to `limit`. */
export async function findRescued(
  sql: SqlRunner,
  limit: number,
): Promise<readonly { readonly taskId: string; readonly rescueSagaId: string }[]> {
  const rows = await sql.$queryRawUnsafe<{ id: string; rescue_saga_id: string }[]>(
    `SELECT task.id::text, task.rescue_saga_id FROM operator_task AS task
     JOIN saga_state AS rescue ON rescue.saga_id = task.rescue_saga_id
     WHERE task.status = 'open' AND rescue.status = 'COMPLETED' ORDER BY task.id LIMIT $1::int`,
    limit,
  );
  return rows.map((row) => ({ taskId: row.id, rescueSagaId: row.rescue_saga_id }));
}

import type { SqlRunner } from '../../core/definition.ts';
import { NOW_UTC } from '../fence.ts';

/** A number in the text, not a parameter: a plan for any number would read whole tables. */
const inBatches = (limit: number) => `LIMIT ${Math.trunc(limit)} FOR UPDATE SKIP LOCKED`;

/** Only what has ended, and of that not what has an open task or rescues one, whatever its age: somebody still has to look at it.
 *  Its steps go by the foreign key. */
export const deleteSagas = (limit: number) => `
  WITH old AS (
    SELECT id FROM saga_state AS saga
    WHERE completed_at < ${NOW_UTC} - $1::float8 * interval '1 millisecond'
      AND status IN ('COMPLETED', 'COMPENSATED', 'TIMEOUT', 'CANCELLED', 'ABANDONED')
      AND NOT EXISTS (SELECT FROM operator_task AS task WHERE task.saga_id = saga.saga_id AND task.status = 'open')
      AND NOT EXISTS (SELECT FROM operator_task AS task WHERE task.rescue_saga_id = saga.saga_id AND task.status = 'open')
    ORDER BY completed_at ${inBatches(limit)}
  ), gone AS (
    DELETE FROM saga_state USING old WHERE saga_state.id = old.id RETURNING saga_state.saga_id
  ), log AS (
    DELETE FROM saga_log USING gone WHERE saga_log.saga_id = gone.saga_id
  ), signals AS (
    DELETE FROM saga_signal USING gone WHERE saga_signal.saga_id = gone.saga_id
  ), tasks AS (
    DELETE FROM operator_task USING gone WHERE operator_task.saga_id = gone.saga_id
  )
  SELECT count(*)::int AS count FROM gone`;

/** Events are relayed in about the order of their ids: where the oldest are too young, the others need no look. */
export const deleteEvents = (limit: number) => `
  WITH oldest AS (
    SELECT id, relayed_at FROM outbox WHERE relayed_at IS NOT NULL ORDER BY id ${inBatches(limit)}
  ), gone AS (
    DELETE FROM outbox USING oldest
    WHERE outbox.id = oldest.id AND oldest.relayed_at < ${NOW_UTC} - $1::float8 * interval '1 millisecond'
    RETURNING outbox.id
  )
  SELECT count(*)::int AS count FROM gone`;

/** Deletes up to `limit` sagas that ended, and as many events that were relayed, longer ago than `retentionMs`. */
export async function deleteOld(
  sql: SqlRunner,
  retentionMs: number,
  limit: number,
): Promise<{ readonly sagas: number; readonly events: number }> {
  const count = async (statement: string) => {
    const [row] = await sql.$queryRawUnsafe<{ count: number }[]>(statement, retentionMs);
    return row?.count ?? 0;
  };
  return { sagas: await count(deleteSagas(limit)), events: await count(deleteEvents(limit)) };
}

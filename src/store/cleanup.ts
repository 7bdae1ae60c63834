import type { SqlRunner } from '../core/definition.ts';
import { NOW_UTC } from './fence.ts';

// A saga with an open task is kept, whatever its age: somebody still has to look at it. Its steps go by the foreign key.
const DELETE_SAGAS = `
  WITH old AS (
    SELECT id FROM saga_state AS saga
    WHERE completed_at < ${NOW_UTC} - $1::float8 * interval '1 millisecond'
      AND NOT EXISTS (SELECT FROM operator_task AS task WHERE task.saga_id = saga.saga_id AND task.status = 'open')
    ORDER BY completed_at LIMIT $2::int FOR UPDATE SKIP LOCKED
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

const DELETE_EVENTS = `
  WITH gone AS (
    DELETE FROM outbox WHERE id IN (
      SELECT id FROM outbox WHERE relayed_at < ${NOW_UTC} - $1::float8 * interval '1 millisecond'
      ORDER BY id LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING id
  )
  SELECT count(*)::int AS count FROM gone`;

/** Deletes up to `limit` sagas that ended, and as many events that were relayed, longer ago than `retentionMs`. */
export async function deleteOld(
  sql: SqlRunner,
  retentionMs: number,
  limit: number,
): Promise<{ readonly sagas: number; readonly events: number }> {
  const count = async (statement: string) => {
    const [row] = await sql.$queryRawUnsafe<{ count: number }[]>(statement, retentionMs, limit);
    return row?.count ?? 0;
  };
  return { sagas: await count(DELETE_SAGAS), events: await count(DELETE_EVENTS) };
}

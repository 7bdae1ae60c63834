import type { SqlRunner } from '../core/definition.ts';
import { NOW_UTC } from './fence.ts';

/** Of so many ready sagas, those that were started first, the longest ready one is taken. */
const SAMPLE = 100;

// Ready: its saga is awake, and no run of it has begun that is not known not to have acted. A step or compensation that has
// failed is not counted until it is done: whether its pause is over is not in its row.
// The index of awake sagas is read from its beginning. What comes before the ready ones is under way, so that the cost depends
// neither on the sagas that are finished or asleep nor on how many are ready.
export const OLDEST_READY = `
  SELECT coalesce(max(ready_ms), 0)::float8 AS ready_ms FROM (
    SELECT extract(epoch FROM ${NOW_UTC} - saga.updated_at) * 1000 AS ready_ms
    FROM saga_state AS saga
    WHERE saga.status IN ('RUNNING', 'COMPENSATING') AND saga.wait_until IS NULL AND (
      saga.status = 'RUNNING' AND saga.check_ins = saga.cleared AND saga.retry_count = 0
      OR saga.status = 'COMPENSATING' AND NOT EXISTS (
        SELECT FROM saga_step AS step
        WHERE step.saga_id = saga.saga_id AND step.compensation_check_ins > 0 AND step.status NOT IN ('COMPENSATED', 'COMPENSATION_FAILED')))
    ORDER BY saga.id LIMIT ${SAMPLE}
  ) AS ready`;

/** How long the oldest step or compensation has been ready without having begun, in milliseconds; 0 where none is. */
export async function readOldestReadyMs(sql: SqlRunner): Promise<number> {
  const [row] = await sql.$queryRawUnsafe<{ ready_ms: number }[]>(OLDEST_READY);
  return Math.max(0, Math.round(row?.ready_ms ?? 0));
}

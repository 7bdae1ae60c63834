import type { SqlRunner } from '../../core/definition.ts';
import { NOW_UTC } from '../fence.ts';

/** The sagas that are looked at: those that were started first. */
const SAMPLE = 500;

// Ready: its saga is awake, and no run of it has begun that is not known not to have acted. A step or compensation that has
// failed is not counted until it is done: whether its pause is over is not in its row.
// 1. `awake`: the index of awake sagas is read from its beginning. Steps that are passed over are under way, so that the cost
//    depends neither on the sagas that are finished or asleep nor on how many are ready.
// 2. Whether a compensation has begun is asked of these few only. It is a subquery with one value: the planner would hash
//    NOT EXISTS, and read all steps there are.
export const OLDEST_READY = `
  SELECT coalesce(max(ready_ms), 0)::float8 AS ready_ms FROM (
    SELECT saga_id, status, extract(epoch FROM ${NOW_UTC} - updated_at) * 1000 AS ready_ms
    FROM saga_state
    WHERE status IN ('RUNNING', 'COMPENSATING') AND wait_until IS NULL
      AND (status = 'COMPENSATING' OR check_ins = cleared AND retry_count = 0)
    ORDER BY id LIMIT ${SAMPLE}
  ) AS awake
  WHERE status = 'RUNNING' OR (
    SELECT bool_or(step.compensation_check_ins > 0 AND step.status NOT IN ('COMPENSATED', 'COMPENSATION_FAILED'))
    FROM saga_step AS step WHERE step.saga_id = awake.saga_id) IS NOT TRUE`;

/** How long the oldest step or compensation has been ready without having begun, in milliseconds; 0 where none is. */
export async function readOldestReadyMs(sql: SqlRunner): Promise<number> {
  const [row] = await sql.$queryRawUnsafe<{ ready_ms: number }[]>(OLDEST_READY);
  return Math.max(0, Math.round(row?.ready_ms ?? 0));
}

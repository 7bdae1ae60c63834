import type { SqlRunner } from '../../core/definition.ts';
import { NOW_UTC } from '../fence.ts';

/** A saga that should move, or whose wait is over, as its row says. */
export interface Suspect {
  readonly id: bigint;
  readonly saga_id: string;
  readonly saga_type: string;
  readonly status: 'RUNNING' | 'COMPENSATING';
  readonly generation: number;
  readonly definition: readonly string[];
  readonly steps_done: number;
  readonly waiting: boolean;
  readonly updated_at: Date;
}

/** A running saga past its deadline. */
export interface Overdue {
  readonly saga_id: string;
  readonly generation: number;
}

/** The most that one look finds. */
export const BATCH = 200;
/** A saga that should move is looked at when nothing was written of it for this long, in milliseconds. */
const QUIET_MS = 5_000;
/** A step whose wait is over is looked at this much later, in milliseconds. */
const OVERSLEPT_MS = 1_000;

const SUSPECTS = `
  SELECT id, saga_id, saga_type, status, generation, definition, steps_done, wait_until IS NOT NULL AS waiting, updated_at
  FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING')`;

/** Each has a partial index of its own: what it costs depends on the sagas it finds, not on those that are finished or
 *  asleep. `bench/reconciler.ts` shows their plans. */
export const SUSPECT_STATEMENTS = {
  unfinished: `${SUSPECTS} AND id > $1::bigint ORDER BY id LIMIT ${BATCH}`,
  quiet: `${SUSPECTS} AND wait_until IS NULL AND id > $1::bigint
    AND updated_at <= ${NOW_UTC} - interval '${QUIET_MS} milliseconds' ORDER BY id LIMIT ${BATCH}`,
  overslept: `${SUSPECTS} AND wait_until <= ${NOW_UTC} - interval '${OVERSLEPT_MS} milliseconds'
    ORDER BY wait_until LIMIT ${BATCH}`,
  overdue: `SELECT saga_id, generation FROM saga_state WHERE status = 'RUNNING' AND timeout_at < ${NOW_UTC}
    ORDER BY timeout_at LIMIT ${BATCH}`,
} as const;

/** All that have not ended, oldest first, from after `cursor`. */
export const findUnfinished = (sql: SqlRunner, cursor: bigint) =>
  sql.$queryRawUnsafe<Suspect[]>(SUSPECT_STATEMENTS.unfinished, cursor);

/** Those of which nothing was heard, oldest first, from after `cursor`. */
export const findQuiet = (sql: SqlRunner, cursor: bigint) =>
  sql.$queryRawUnsafe<Suspect[]>(SUSPECT_STATEMENTS.quiet, cursor);

/** Those whose wait is over. */
export const findOverslept = (sql: SqlRunner) => sql.$queryRawUnsafe<Suspect[]>(SUSPECT_STATEMENTS.overslept);

/** Of flows, as `<sagaId>.<generation>`, those for which no saga is compensating or parked. */
export async function findForsaken(
  sql: SqlRunner,
  flows: readonly { readonly sagaId: string; readonly generation: number }[],
): Promise<readonly string[]> {
  const rows = await sql.$queryRawUnsafe<{ flow: string }[]>(
    `SELECT op.saga_id || '.' || op.generation AS flow FROM unnest($1::text[], $2::int[]) AS op(saga_id, generation)
     LEFT JOIN saga_state AS saga ON saga.saga_id = op.saga_id AND saga.generation = op.generation
       AND saga.status IN ('COMPENSATING', 'FAILED')
     WHERE saga.id IS NULL`,
    flows.map(({ sagaId }) => sagaId),
    flows.map(({ generation }) => generation),
  );
  return rows.map(({ flow }) => flow);
}

export const findOverdue = (sql: SqlRunner) => sql.$queryRawUnsafe<Overdue[]>(SUSPECT_STATEMENTS.overdue);

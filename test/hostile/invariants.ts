import type { Pool } from 'pg';
import { SAGA_STATUSES } from '../../src/core/status.ts';

const STATUSES = SAGA_STATUSES.map((status) => `'${status}'`).join(', ');

/** Rows that no request may leave behind: what is wrong with them, and a query for them. */
const BROKEN: Readonly<Record<string, string>> = {
  'an input or a state is no object': `
    SELECT saga_id FROM saga_state WHERE jsonb_typeof(input) <> 'object' OR jsonb_typeof(state) <> 'object'`,
  'a status or a step is none of its saga': `
    SELECT saga_id FROM saga_state WHERE status NOT IN (${STATUSES}) OR current_step <> ALL (definition)
      OR steps_done NOT BETWEEN 0 AND cardinality(definition) OR step_index NOT BETWEEN 0 AND cardinality(definition) - 1`,
  'it has ended without a time, or has a time without having ended': `
    SELECT saga_id FROM saga_state
    WHERE (completed_at IS NULL) <> (status IN ('RUNNING', 'COMPENSATING', 'FAILED'))`,
  'it is COMPLETED with a step that is not DONE': `
    SELECT s.saga_id FROM saga_state s WHERE s.status = 'COMPLETED' AND cardinality(s.definition) <>
      (SELECT count(*) FROM saga_step t WHERE t.saga_id = s.saga_id AND t.status = 'DONE')`,
  'a step is not where its saga has it': `
    SELECT t.saga_id FROM saga_step t LEFT JOIN saga_state s USING (saga_id)
    WHERE s.saga_id IS NULL OR s.definition[t.step_index + 1] IS DISTINCT FROM t.name`,
  'an output is no object': `SELECT saga_id FROM saga_step WHERE output IS NOT NULL AND jsonb_typeof(output) <> 'object'`,
  'a task has no saga': `
    SELECT t.saga_id FROM operator_task t LEFT JOIN saga_state s USING (saga_id)
    WHERE s.saga_id IS NULL OR s.saga_type <> t.saga_type OR t.step <> ALL (s.definition)`,
  'a task is resolved without a word, or open with one': `
    SELECT saga_id FROM operator_task WHERE (status = 'resolved') <>
      (resolution IS NOT NULL AND reason IS NOT NULL AND resolved_by IS NOT NULL AND resolved_at IS NOT NULL)`,
  'a task was resolved, and the audit does not know by whom': `
    SELECT t.saga_id FROM operator_task t WHERE t.status = 'resolved' AND t.resolved_by IN ('olga', 'stan', 'vera')
      AND NOT EXISTS (SELECT FROM audit_entry a WHERE a.saga_id = t.saga_id AND a.actor = t.resolved_by)`,
  'the audit knows an actor that there is not': `
    SELECT actor AS saga_id FROM audit_entry WHERE actor NOT IN ('olga', 'stan', 'vera')`,
  'a parked saga has no open task': `
    SELECT s.saga_id FROM saga_state s WHERE s.status = 'FAILED'
      AND NOT EXISTS (SELECT FROM operator_task t WHERE t.saga_id = s.saga_id AND t.status = 'open')`,
  'its history or a signal has no saga': `
    SELECT saga_id FROM (SELECT saga_id FROM saga_log UNION SELECT saga_id FROM saga_signal) AS told
    WHERE NOT EXISTS (SELECT FROM saga_state s WHERE s.saga_id = told.saga_id)`,
  'an idempotency key was used twice': `
    SELECT min(saga_id) AS saga_id FROM saga_state WHERE idempotency_key IS NOT NULL
    GROUP BY saga_type, idempotency_key HAVING count(*) > 1`,
  'a payment is REFUNDING, and no saga is at it': `
    SELECT p.id AS saga_id FROM payments p WHERE p.status = 'REFUNDING' AND NOT EXISTS (SELECT FROM saga_state s
      WHERE s.subject = p.id AND s.status IN ('RUNNING', 'COMPENSATING', 'FAILED'))`,
};

/** What is wrong in the tables, in words. */
export async function brokenRows(sql: Pool): Promise<string[]> {
  const found: string[] = [];
  for (const [what, query] of Object.entries(BROKEN)) {
    const { rows } = await sql.query<{ saga_id: string }>(`${query} LIMIT 5`);
    found.push(...rows.map((row) => `${what}: ${row.saga_id}`));
  }
  return found;
}

/** Those of these sagas that have no row. */
export async function missing(sql: Pool, sagaIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT accepted.id FROM unnest($1::text[]) AS accepted (id)
     WHERE NOT EXISTS (SELECT FROM saga_state s WHERE s.saga_id = accepted.id)`,
    [sagaIds],
  );
  return rows.map(({ id }) => id);
}

/** How many sagas still move by themselves. */
export async function moving(sql: Pool): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING')`,
  );
  return rows[0]?.count ?? 0;
}

import type { SqlRunner } from '../../core/definition.ts';
import type { WantedNotices } from '../../core/notice.ts';
import { AGE_MS, FORWARD_FENCE, NOW_UTC } from '../fence.ts';
import type { CheckIn, StepDone } from '../entries.ts';
import { tellCompleted } from '../sagas/notices.ts';

/** `unused`: the step was checked in ahead, and that run did not begin. */
export type Entry =
  (CheckIn & { readonly kind: 'check-in'; readonly unused: boolean }) | (StepDone & { readonly kind: 'record' });

export interface ProgressRow {
  readonly saga_id: string;
  readonly status: string;
  readonly generation: number;
  readonly steps_done: number;
  readonly fenced: boolean;
  /** The next step was checked in with the record. */
  readonly ahead: boolean;
  /** The fence would have let the entry through, but another transaction holds or has just changed the row. */
  readonly contended: boolean;
  readonly input: unknown;
  readonly state: unknown;
  readonly retry_count: number;
  readonly check_ins: number;
  readonly cleared: number;
  readonly waiting: boolean;
  readonly time_left_ms: number | null;
  readonly at_ms: number;
  readonly age_ms: number;
}

const NOW_MS = `(extract(epoch FROM now()) * 1000)::float8`;
const IN_TIME = `(op.is_record OR saga.timeout_at IS NULL OR saga.timeout_at > ${NOW_UTC})`;

// 1. `op`: the batch, one row an entry.
// 2. `held`: the sagas whose fence lets the entry through, and whether the next step is checked in with the record. In a batch, a row that another transaction holds is passed over:
//    a process that was frozen while it held one saga must not hold up all the others.
// 3. `moved`: those sagas, changed in one update each.
// 4. `recorded`: the step rows of the records among them.
// The last part answers a row an entry: `moved` where the fence held, else the saga as this statement's snapshot sees it.
//
// Its plan is kept for long, and made when the table may be small and its statistics old. So every saga is looked up by its
// key whatever the planner believes: LATERAL with OFFSET 0 leaves it no other join, and IS TRUE hides the status from it,
// for which it would read a whole partial index with all its dead entries. (With plain joins 50 entries took 7 ms, with
// these 1 ms, in a table of 5,000 rows that was empty when the plan was made.) And `op` has a limit, its own length, for which
// the planner takes a tenth of the ten rows it supposes of any array: a kept plan then seems no dearer than one for a lone
// entry, which it would otherwise plan anew each time, for longer than the rest takes.
const progressStatement = (lockClause: 'FOR UPDATE' | 'FOR UPDATE SKIP LOCKED', telling: '' | 'telling') => `
  WITH op AS (
    SELECT *
    FROM unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::bool[], $6::text[], $7::int[], $8::float8[], $9::text[],
        $10::int[], $11::bool[])
      AS op(saga_id, generation, step_index, step, is_record, output, attempts, started_at_ms, next_step, next_attempts, unused)
    LIMIT $12::int
  ), held AS MATERIALIZED (
    SELECT saga.id, op.*,
      op.next_step IS NOT DISTINCT FROM saga.definition[op.step_index + 2] AND op.next_step IS NOT NULL
        AND (saga.timeout_at IS NULL OR saga.timeout_at > ${NOW_UTC}) AS ahead
    FROM op CROSS JOIN LATERAL (SELECT * FROM saga_state AS found WHERE found.saga_id = op.saga_id OFFSET 0 ${lockClause}) AS saga
    WHERE ${FORWARD_FENCE} AND ${IN_TIME}
  ), moved AS (
    UPDATE saga_state AS saga SET
      current_step = CASE WHEN op.ahead THEN op.next_step ELSE op.step END,
      step_index = CASE WHEN op.ahead THEN op.step_index + 1 ELSE op.step_index END,
      updated_at = ${NOW_UTC},
      cleared = CASE WHEN op.is_record THEN 0 WHEN op.unused THEN saga.cleared + 1 ELSE saga.cleared END,
      check_ins = CASE WHEN op.ahead THEN 1 WHEN op.is_record THEN 0 WHEN saga.wait_until IS NULL THEN saga.check_ins + 1 ELSE saga.check_ins END,
      max_retries = CASE WHEN op.ahead THEN op.next_attempts WHEN op.is_record THEN saga.max_retries ELSE op.attempts END,
      state = CASE WHEN op.is_record THEN saga.state || op.output::jsonb ELSE saga.state END,
      steps_done = CASE WHEN op.is_record THEN op.step_index + 1 ELSE saga.steps_done END,
      retry_count = CASE WHEN op.is_record THEN 0 ELSE saga.retry_count END,
      wait_until = CASE WHEN op.is_record THEN NULL ELSE saga.wait_until END,
      status = CASE WHEN op.is_record AND op.step_index + 1 = cardinality(saga.definition) THEN 'COMPLETED' ELSE saga.status END,
      completed_at = CASE WHEN op.is_record AND op.step_index + 1 = cardinality(saga.definition) THEN ${NOW_UTC} ELSE saga.completed_at END
    FROM held AS op
    WHERE saga.id = op.id AND (${FORWARD_FENCE} AND ${IN_TIME}) IS TRUE
    RETURNING saga.saga_id, saga.status, saga.generation, saga.steps_done, op.is_record, op.step_index, op.step, op.output,
      op.attempts, op.started_at_ms, op.ahead,
      CASE WHEN op.is_record AND NOT op.ahead THEN NULL ELSE saga.input END AS input,
      CASE WHEN op.is_record AND NOT op.ahead THEN NULL ELSE saga.state END AS state,
      saga.retry_count, saga.check_ins, saga.cleared, saga.wait_until IS NOT NULL AS waiting,
      (extract(epoch FROM saga.timeout_at - ${NOW_UTC}) * 1000)::float8 AS time_left_ms, ${AGE_MS} AS age_ms${telling && ',\n      saga.saga_type, saga.error_message'}
  ), recorded AS (
    INSERT INTO saga_step (saga_id, step_index, name, status, output, attempts, started_at, done_at)
    SELECT saga_id, step_index, step, 'DONE', output::jsonb, attempts,
      timezone('utc', to_timestamp(started_at_ms / 1000)), ${NOW_UTC}
    FROM moved WHERE is_record
    ON CONFLICT (saga_id, step_index) DO UPDATE SET
      status = EXCLUDED.status, output = EXCLUDED.output, attempts = EXCLUDED.attempts, error_message = NULL,
      started_at = EXCLUDED.started_at, done_at = EXCLUDED.done_at
  )${
    telling &&
    `, told AS (${tellCompleted('$13', '$14')}
  )`
  }
  SELECT saga_id, status, generation, steps_done, true AS fenced, ahead, false AS contended, input, state, retry_count, check_ins, cleared, waiting, time_left_ms,
    ${NOW_MS} AS at_ms, age_ms
  FROM moved
  UNION ALL
  SELECT saga.saga_id, saga.status, saga.generation, saga.steps_done, false, false, ${FORWARD_FENCE} AND ${IN_TIME}, NULL, NULL, 0, 0, 0, false,
    (extract(epoch FROM saga.timeout_at - ${NOW_UTC}) * 1000)::float8, ${NOW_MS}, ${AGE_MS}
  FROM op CROSS JOIN LATERAL (SELECT * FROM saga_state AS found WHERE found.saga_id = op.saga_id OFFSET 0) AS saga
  WHERE op.saga_id NOT IN (SELECT moved.saga_id FROM moved)`;

/** `one` waits for its row. */
const STATEMENTS = {
  many: progressStatement('FOR UPDATE SKIP LOCKED', ''),
  one: progressStatement('FOR UPDATE', ''),
} as const;
// Where sagas are told of that complete: the same, and `told` writes it down.
const TELLING_STATEMENTS = {
  many: progressStatement('FOR UPDATE SKIP LOCKED', 'telling'),
  one: progressStatement('FOR UPDATE', 'telling'),
} as const;

/** Commits entries of different sagas, and answers a row for each that has a saga. */
export async function commitProgress(
  sql: SqlRunner,
  access: keyof typeof STATEMENTS,
  entries: readonly Entry[],
  wanted?: WantedNotices,
): Promise<readonly (ProgressRow | undefined)[]> {
  const tells = wanted && wanted.finished?.length !== 0;
  const rows = await sql.$queryRawUnsafe<ProgressRow[]>(
    (tells ? TELLING_STATEMENTS : STATEMENTS)[access],
    ...progressColumns(entries),
    ...(tells ? [wanted.finished, wanted.endpoints] : []),
  );
  const bySaga = new Map(rows.map((row) => [row.saga_id, row]));
  return entries.map((entry) => bySaga.get(entry.sagaId));
}

function progressColumns(entries: readonly Entry[]): unknown[] {
  return [
    entries.map((entry) => entry.sagaId),
    entries.map((entry) => entry.generation),
    entries.map((entry) => entry.stepIndex),
    entries.map((entry) => entry.step),
    entries.map((entry) => entry.kind === 'record'),
    entries.map((entry) => (entry.kind === 'record' ? entry.output : null)),
    entries.map((entry) => (entry.kind === 'record' ? entry.attempt : entry.maxAttempts)),
    entries.map((entry) => (entry.kind === 'record' ? entry.startedAtMs : null)),
    entries.map((entry) => (entry.kind === 'record' ? (entry.next?.step ?? null) : null)),
    entries.map((entry) => (entry.kind === 'record' ? (entry.next?.maxAttempts ?? null) : null)),
    entries.map((entry) => entry.kind === 'check-in' && entry.unused),
    entries.length,
  ];
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlRunner } from '../core/definition.ts';
import { InfrastructureError, isInfrastructureFault } from './fault.ts';
import { FORWARD_FENCE, NOW_UTC } from './fence.ts';
import { createGroupCommit } from './group-commit.ts';
import { requireTurn, turnColumns } from './turn.ts';
import { STATEMENT_MS, within } from './within.ts';

/** Names one step of one generation of a saga's flow: what a step job speaks for. */
export interface StepRef {
  readonly sagaId: string;
  readonly generation: number;
  readonly stepIndex: number;
  readonly step: string;
}

export interface CheckIn extends StepRef {
  readonly maxAttempts: number;
}

export interface StepDone extends StepRef {
  /** JSON text. */
  readonly output: string;
  readonly attempt: number;
  /** As the grant gave it. */
  readonly startedAtMs: number;
}

export interface Grant {
  readonly kind: 'granted';
  readonly input: unknown;
  readonly state: unknown;
  /** From 1. */
  readonly attempt: number;
  /** The number of this check-in: only the newest one may say that the step failed. */
  readonly checkIn: number;
  /** Whether an earlier run of the step may have acted. */
  readonly unanswered: boolean;
  /** Earlier runs that ended without any word. */
  readonly lost: number;
  /** Whether the step's request was sent and its answer is waited for. */
  readonly waiting: boolean;
  /** Until the saga's deadline in milliseconds. */
  readonly timeLeftMs: number;
  /** When the run was checked in, by the database's clock, in milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** `done`: the step is recorded already. `refused`: the fence says that this job does not speak for its saga. `expired`:
 *  the saga's deadline has passed, and the step was not begun. */
export type CheckInResult =
  Grant | { readonly kind: 'done' } | { readonly kind: 'refused' } | { readonly kind: 'expired' };
export type RecordResult = { readonly kind: 'recorded' } | { readonly kind: 'done' } | { readonly kind: 'refused' };

/** The store's hot path: concurrent check-ins and records are committed together. */
export interface Journal {
  /** Asks leave to execute a step, and notes that it begins: from then on the step may have acted. */
  checkIn(entry: CheckIn): Promise<CheckInResult>;
  /** Records a step's output; the last step's record completes the saga. */
  record(entry: StepDone): Promise<RecordResult>;
  /** Lets one run at a time into its step's transaction, until `tx` ends; another gets a `TurnTakenError`. False if the fence
   *  does not let it through. The saga's row stays free: whoever turns the saga back does not wait for the step. */
  enterIn(tx: SqlRunner, ref: StepRef, idleMs: number): Promise<boolean>;
  /** Notes that a run did not begin after its check-in: it certainly did not act. */
  withdraw(ref: StepRef): Promise<void>;
  /** `record` in the transaction of the step's own writes: the fence is asked again, and has the last word. */
  recordIn(tx: SqlRunner, entry: StepDone): Promise<RecordResult>;
}

type Entry = (CheckIn & { readonly kind: 'check-in' }) | (StepDone & { readonly kind: 'record' });

interface ProgressRow {
  readonly saga_id: string;
  readonly status: string;
  readonly generation: number;
  readonly steps_done: number;
  readonly fenced: boolean;
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
}

const NOW_MS = `(extract(epoch FROM now()) * 1000)::float8`;
const IN_TIME = `(op.is_record OR saga.timeout_at IS NULL OR saga.timeout_at > ${NOW_UTC})`;

// 1. `op`: the batch, one row an entry.
// 2. `held`: the sagas whose fence lets the entry through. In a batch, a row that another transaction holds is passed over:
//    a process that was frozen while it held one saga must not hold up all the others.
// 3. `moved`: those sagas, changed in one update each.
// 4. `recorded`: the step rows of the records among them.
// The last part answers a row an entry: `moved` where the fence held, else the saga as this statement's snapshot sees it.
//
// Its plan is kept for long, and made when the table may be small and its statistics old. So every saga is looked up by its
// key whatever the planner believes: LATERAL with OFFSET 0 leaves it no other join, and IS TRUE hides the status from it,
// for which it would read a whole partial index with all its dead entries. (With plain joins 50 entries took 7 ms, with
// these 1 ms, in a table of 5,000 rows that was empty when the plan was made.)
const progressStatement = (lockClause: 'FOR UPDATE' | 'FOR UPDATE SKIP LOCKED') => `
  WITH op AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::bool[], $6::text[], $7::int[], $8::float8[])
      AS op(saga_id, generation, step_index, step, is_record, output, attempts, started_at_ms)
  ), held AS MATERIALIZED (
    SELECT saga.id, op.*
    FROM op CROSS JOIN LATERAL (SELECT * FROM saga_state AS found WHERE found.saga_id = op.saga_id OFFSET 0 ${lockClause}) AS saga
    WHERE ${FORWARD_FENCE} AND ${IN_TIME}
  ), moved AS (
    UPDATE saga_state AS saga SET
      current_step = op.step,
      step_index = op.step_index,
      updated_at = ${NOW_UTC},
      cleared = CASE WHEN op.is_record THEN 0 ELSE saga.cleared END,
      check_ins = CASE WHEN op.is_record THEN 0 WHEN saga.wait_until IS NULL THEN saga.check_ins + 1 ELSE saga.check_ins END,
      max_retries = CASE WHEN op.is_record THEN saga.max_retries ELSE op.attempts END,
      state = CASE WHEN op.is_record THEN saga.state || op.output::jsonb ELSE saga.state END,
      steps_done = CASE WHEN op.is_record THEN op.step_index + 1 ELSE saga.steps_done END,
      retry_count = CASE WHEN op.is_record THEN 0 ELSE saga.retry_count END,
      wait_until = CASE WHEN op.is_record THEN NULL ELSE saga.wait_until END,
      status = CASE WHEN op.is_record AND op.step_index + 1 = cardinality(saga.definition) THEN 'COMPLETED' ELSE saga.status END,
      completed_at = CASE WHEN op.is_record AND op.step_index + 1 = cardinality(saga.definition) THEN ${NOW_UTC} ELSE saga.completed_at END
    FROM held AS op
    WHERE saga.id = op.id AND (${FORWARD_FENCE} AND ${IN_TIME}) IS TRUE
    RETURNING saga.saga_id, saga.status, saga.generation, saga.steps_done, op.is_record, op.step_index, op.step, op.output,
      op.attempts, op.started_at_ms,
      CASE WHEN op.is_record THEN NULL ELSE saga.input END AS input,
      CASE WHEN op.is_record THEN NULL ELSE saga.state END AS state,
      saga.retry_count, saga.check_ins, saga.cleared, saga.wait_until IS NOT NULL AS waiting,
      (extract(epoch FROM saga.timeout_at - ${NOW_UTC}) * 1000)::float8 AS time_left_ms
  ), recorded AS (
    INSERT INTO saga_step (saga_id, step_index, name, status, output, attempts, started_at, done_at)
    SELECT saga_id, step_index, step, 'DONE', output::jsonb, attempts,
      timezone('utc', to_timestamp(started_at_ms / 1000)), ${NOW_UTC}
    FROM moved WHERE is_record
    ON CONFLICT (saga_id, step_index) DO UPDATE SET
      status = EXCLUDED.status, output = EXCLUDED.output, attempts = EXCLUDED.attempts, error_message = NULL,
      started_at = EXCLUDED.started_at, done_at = EXCLUDED.done_at
  )
  SELECT saga_id, status, generation, steps_done, true AS fenced, false AS contended, input, state, retry_count, check_ins, cleared, waiting, time_left_ms,
    ${NOW_MS} AS at_ms
  FROM moved
  UNION ALL
  SELECT saga.saga_id, saga.status, saga.generation, saga.steps_done, false, ${FORWARD_FENCE} AND ${IN_TIME}, NULL, NULL, 0, 0, 0, false,
    (extract(epoch FROM saga.timeout_at - ${NOW_UTC}) * 1000)::float8, ${NOW_MS}
  FROM op CROSS JOIN LATERAL (SELECT * FROM saga_state AS found WHERE found.saga_id = op.saga_id OFFSET 0) AS saga
  WHERE op.saga_id NOT IN (SELECT moved.saga_id FROM moved)`;

const PROGRESS_OF_MANY = progressStatement('FOR UPDATE SKIP LOCKED');
const PROGRESS_OF_ONE = progressStatement('FOR UPDATE');

const ENTER = `
  SELECT ${turnColumns('$4')}
  FROM saga_state AS saga JOIN (SELECT $1 AS saga_id, $2::int AS generation, $3::int AS step_index) AS op
    ON saga.saga_id = op.saga_id
  WHERE ${FORWARD_FENCE}`;

const WITHDRAW = `
  UPDATE saga_state AS saga SET cleared = cleared + 1
  FROM (SELECT $1 AS saga_id, $2::int AS generation, $3::int AS step_index) AS op
  WHERE saga.saga_id = op.saga_id AND ${FORWARD_FENCE} AND saga.check_ins > saga.cleared`;

/** How often, and how far apart in milliseconds, an entry is tried again whose saga's row is held by another. */
const CONTENDED_TRIES = 10;
const CONTENDED_REST_MS = 50;

export function createJournal(sql: SqlRunner): Journal {
  const progress = createGroupCommit<Entry, ProgressRow | undefined>({
    commit: (entries) => within(STATEMENT_MS, 'PostgreSQL', commitProgress(sql, PROGRESS_OF_MANY, entries)),
    keyOf: (entry) => entry.sagaId,
    isShared: isInfrastructureFault,
  });
  const submit = async (entry: Entry) => {
    for (let tries = 0; tries < CONTENDED_TRIES; tries += 1) {
      const row = await progress.submit(entry);
      if (row?.contended !== true) return row;
      await sleep(CONTENDED_REST_MS * (tries + 1));
    }
    throw new InfrastructureError(`Saga ${entry.sagaId} is held by another transaction`);
  };
  return {
    checkIn: async (entry) => checkInResult(entry, await submit({ ...entry, kind: 'check-in' })),
    record: async (entry) => recordResult(entry, await submit({ ...entry, kind: 'record' })),
    enterIn: async (tx, { sagaId, generation, stepIndex }, idleMs) => {
      const values = [sagaId, generation, stepIndex, String(idleMs)];
      const [row] = await tx.$queryRawUnsafe<{ alone: boolean }[]>(ENTER, ...values);
      requireTurn(sagaId, row);
      return row !== undefined;
    },
    withdraw: async ({ sagaId, generation, stepIndex }) => {
      await sql.$executeRawUnsafe(WITHDRAW, sagaId, generation, stepIndex);
    },
    recordIn: async (tx, entry) => {
      const [row] = await commitProgress(tx, PROGRESS_OF_ONE, [{ ...entry, kind: 'record' }]);
      return recordResult(entry, row);
    },
  };
}

async function commitProgress(
  sql: SqlRunner,
  statement: string,
  entries: readonly Entry[],
): Promise<readonly (ProgressRow | undefined)[]> {
  const rows = await sql.$queryRawUnsafe<ProgressRow[]>(statement, ...progressColumns(entries));
  const bySaga = new Map(rows.map((row) => [row.saga_id, row]));
  return entries.map((entry) => bySaga.get(entry.sagaId));
}

function progressColumns(entries: readonly Entry[]): unknown[][] {
  return [
    entries.map((entry) => entry.sagaId),
    entries.map((entry) => entry.generation),
    entries.map((entry) => entry.stepIndex),
    entries.map((entry) => entry.step),
    entries.map((entry) => entry.kind === 'record'),
    entries.map((entry) => (entry.kind === 'record' ? entry.output : null)),
    entries.map((entry) => (entry.kind === 'record' ? entry.attempt : entry.maxAttempts)),
    entries.map((entry) => (entry.kind === 'record' ? entry.startedAtMs : null)),
  ];
}

function checkInResult(entry: CheckIn, row: ProgressRow | undefined): CheckInResult {
  if (!row?.fenced) return { kind: isPast(entry, row) ? 'done' : isExpired(entry, row) ? 'expired' : 'refused' };
  return {
    kind: 'granted',
    input: row.input,
    state: row.state,
    attempt: row.retry_count + 1,
    checkIn: row.check_ins,
    waiting: row.waiting,
    unanswered: row.check_ins > row.cleared + 1,
    // A failed attempt counts in both where it is cleared; a run that did not begin is cleared, and only a step whose
    // failures are all cleared can have one.
    lost: Math.max(row.check_ins - 1 - Math.max(row.retry_count, row.cleared), 0),
    timeLeftMs: row.time_left_ms ?? Number.POSITIVE_INFINITY,
    startedAtMs: row.at_ms,
  };
}

function recordResult(entry: StepDone, row: ProgressRow | undefined): RecordResult {
  if (row?.fenced) return { kind: 'recorded' };
  return { kind: isPast(entry, row) ? 'done' : 'refused' };
}

/** The fence would have let the step through, had the deadline not passed. */
function isExpired(entry: StepRef, row: ProgressRow | undefined): boolean {
  return (
    row?.status === 'RUNNING' &&
    row.generation === entry.generation &&
    row.steps_done === entry.stepIndex &&
    row.time_left_ms !== null &&
    row.time_left_ms <= 0
  );
}

/** Another run recorded the step, and the saga goes on from there. */
function isPast(entry: StepRef, row: ProgressRow | undefined): boolean {
  return (
    row !== undefined && row.steps_done > entry.stepIndex && (row.status === 'RUNNING' || row.status === 'COMPLETED')
  );
}

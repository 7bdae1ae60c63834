import type { SagaDefinition, SqlClient, SqlRunner } from '../core/definition.ts';
import { RunnerError } from '../core/errors.ts';
import type { SagaEvent } from '../core/evolve.ts';
import { evolve } from '../core/evolve.ts';
import type { SagaRecord, StepRecord } from '../core/record.ts';
import { undoByName } from '../core/record.ts';
import type { Registry } from '../core/registry.ts';
import type { Ending, SagaStatus, StepStatus } from '../core/status.ts';
import { isTerminal } from '../core/status.ts';
import { InfrastructureError, isExpiredTransaction } from './fault.ts';
import { NOW_UTC } from './fence.ts';
import { transact } from './transact.ts';
import { STATEMENT_MS, within } from './within.ts';

/** A saga as its row says, with what decisions need. */
export interface LoadedSaga {
  readonly record: SagaRecord;
  readonly stepsDone: number;
  readonly checkIns: number;
  readonly retryCount: number;
  readonly input: unknown;
  readonly state: unknown;
  readonly waitUntil: Date | null;
  /** The step to run next may have acted: not every run of it is known not to have, or its request was sent. Never so for a step
   *  that commits with its record: after a turn back the fence keeps it from committing. */
  readonly inDoubt: boolean;
  readonly timeoutAt: Date | null;
  readonly updatedAt: Date;
  readonly rows: ReadonlyMap<string, StepRow>;
}

export interface StepRow {
  readonly name: string;
  readonly step_index: number;
  readonly status: StepStatus;
  readonly output: unknown;
  readonly attempts: number;
  readonly error_message: string | null;
  readonly started_at: Date | null;
  readonly done_at: Date | null;
  readonly compensation_attempts: number;
  readonly compensation_check_ins: number;
  readonly compensation_answers: number;
  readonly compensation_error: string | null;
  readonly compensated_at: Date | null;
}

interface SagaRow {
  readonly saga_type: string;
  readonly status: SagaStatus;
  readonly ending: Ending | null;
  readonly generation: number;
  readonly definition: readonly string[];
  readonly steps_done: number;
  readonly check_ins: number;
  readonly cleared: number;
  readonly retry_count: number;
  readonly input: unknown;
  readonly state: unknown;
  readonly wait_until: Date | null;
  readonly timeout_at: Date | null;
  readonly updated_at: Date;
}

const SELECT_SAGA = `
  SELECT saga_type, status, ending, generation, definition, steps_done, check_ins, cleared, retry_count, input, state, wait_until,
    timeout_at, updated_at
  FROM saga_state WHERE saga_id = $1`;
// A process that freezes with the row locked is thrown out of its transaction by the server.
const LOCK_SAGA = `
  SELECT locked.*, set_config('idle_in_transaction_session_timeout', '10000', true)
  FROM (${SELECT_SAGA} FOR UPDATE) AS locked`;
const LOCK_BOUNDS = { maxWait: 10_000, timeout: 15_000 } as const;
const SELECT_STEPS = `
  SELECT name, step_index, status, output, attempts, error_message, started_at, done_at, compensation_attempts,
    compensation_check_ins, compensation_answers, compensation_error, compensated_at
  FROM saga_step WHERE saga_id = $1 ORDER BY step_index`;

/** What goes with an event into the saga's row and the failing step's. */
export interface EventDetails {
  /** The error that ended the forward run, as thrown. */
  readonly errorMessage?: string;
  readonly reason?: string;
  /** Attempts the failed step used. */
  readonly attempts?: number;
}

/** The number of a saga's flow. */
export interface FlowNumber {
  readonly sagaId: string;
  readonly generation: number;
}

export interface SagaStore {
  load(sagaId: string): Promise<LoadedSaga | undefined>;
  /** Runs `work` in a transaction that holds the saga's row: what it reads stays true until it commits. It is short, or an
   *  `InfrastructureError` ends it. */
  withLock<R>(sagaId: string, work: (tx: SqlRunner, saga: LoadedSaga) => Promise<R>): Promise<R>;
  /** The saga, with its row locked until `tx` ends. */
  lock(tx: SqlRunner, sagaId: string): Promise<LoadedSaga>;
  /** Evolves the locked saga and writes what changed. Throws `StaleEventError` where the event does not fit. */
  apply(tx: SqlRunner, saga: LoadedSaga, event: SagaEvent, details?: EventDetails): Promise<SagaRecord>;
  /** Gives each flow the next number, if it still has this one and its saga has not ended. Answers which did. */
  nextGenerations(sql: SqlRunner, flows: readonly FlowNumber[]): Promise<ReadonlySet<string>>;
}

export function createSagaStore(sql: SqlClient, registry: Registry): SagaStore {
  const read = async (runner: SqlRunner, sagaId: string, statement: string) => {
    const [row] = await runner.$queryRawUnsafe<SagaRow[]>(statement, sagaId);
    if (!row) return undefined;
    return toLoadedSaga(registry, sagaId, row, await runner.$queryRawUnsafe<StepRow[]>(SELECT_STEPS, sagaId));
  };
  const lock = async (tx: SqlRunner, sagaId: string) => {
    const saga = await read(tx, sagaId, LOCK_SAGA);
    if (!saga) throw new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`);
    return saga;
  };
  return {
    load: (sagaId) => within(STATEMENT_MS, 'PostgreSQL', read(sql, sagaId, SELECT_SAGA)),
    lock,
    withLock: async (sagaId, work) => {
      const transaction = transact(sql, LOCK_BOUNDS, async (tx) => work(tx, await lock(tx, sagaId)));
      try {
        return await within(LOCK_BOUNDS.maxWait + LOCK_BOUNDS.timeout, 'PostgreSQL', transaction);
      } catch (error) {
        if (!isExpiredTransaction(error)) throw error;
        throw new InfrastructureError(`Saga ${sagaId} was held by another for too long`, { cause: error });
      }
    },
    apply: applyEvent,
    nextGenerations: async (runner, flows) => {
      const rows = await runner.$queryRawUnsafe<{ saga_id: string }[]>(
        `UPDATE saga_state AS saga SET generation = saga.generation + 1, updated_at = ${NOW_UTC}
         FROM unnest($1::text[], $2::int[]) AS op(saga_id, generation)
         WHERE saga.saga_id = op.saga_id AND saga.generation = op.generation
           AND saga.status IN ('RUNNING', 'COMPENSATING')
         RETURNING saga.saga_id`,
        flows.map(({ sagaId }) => sagaId),
        flows.map(({ generation }) => generation),
      );
      return new Set(rows.map((row) => row.saga_id));
    },
  };
}

function toLoadedSaga(registry: Registry, sagaId: string, row: SagaRow, steps: readonly StepRow[]): LoadedSaga {
  const rows = new Map(steps.map((step) => [step.name, step]));
  const definition = registry.get(row.saga_type);
  const undo = definition ? undoByName(definition) : undefined;
  const withoutRow = row.status === 'RUNNING' ? 'PENDING' : 'SKIPPED';
  const toRecord = (name: string): StepRecord => ({
    name,
    status: rows.get(name)?.status ?? withoutRow,
    // Without the step's code nobody can say that it needs no undoing: a person has to.
    undo: undo?.get(name) ?? 'manual',
    wasDone: (rows.get(name)?.done_at ?? null) !== null,
  });
  return {
    record: {
      sagaId,
      type: row.saga_type,
      status: row.status,
      ending: row.ending,
      generation: row.generation,
      onCompensationFailure: definition?.onCompensationFailure ?? 'stop',
      steps: row.definition.map(toRecord),
    },
    stepsDone: row.steps_done,
    checkIns: row.check_ins,
    retryCount: row.retry_count,
    input: row.input,
    state: row.state,
    waitUntil: row.wait_until,
    inDoubt: isInDoubt(row, definition),
    timeoutAt: row.timeout_at,
    updatedAt: row.updated_at,
    rows,
  };
}

function isInDoubt(row: SagaRow, definition: SagaDefinition | undefined): boolean {
  const next = row.definition[row.steps_done];
  if (definition?.steps.find((step) => step.name === next)?.kind === 'transaction') return false;
  return row.check_ins > row.cleared || row.wait_until !== null;
}

async function applyEvent(
  tx: SqlRunner,
  saga: LoadedSaga,
  event: SagaEvent,
  details: EventDetails = {},
): Promise<SagaRecord> {
  const after = evolve(saga.record, event);
  await tx.$executeRawUnsafe(
    `UPDATE saga_state SET status = $2, ending = $3, updated_at = ${NOW_UTC},
       error_message = coalesce($4, error_message), reason = coalesce($5, reason), retry_count = coalesce($6, retry_count),
       completed_at = CASE WHEN $7 THEN ${NOW_UTC} ELSE NULL END, wait_until = NULL
     WHERE saga_id = $1`,
    after.sagaId,
    after.status,
    after.ending,
    details.errorMessage ?? null,
    details.reason ?? null,
    details.attempts ?? null,
    isTerminal(after.status),
  );
  await writeSteps(tx, saga, after, details);
  return after;
}

async function writeSteps(tx: SqlRunner, saga: LoadedSaga, after: SagaRecord, details: EventDetails): Promise<void> {
  for (const [index, step] of after.steps.entries()) {
    const before = saga.record.steps[index];
    // SKIPPED is what a step without a row is called once its saga turned back.
    if (step.status === before?.status || step.status === 'SKIPPED') continue;
    const failedNow = before?.status === 'PENDING';
    await tx.$executeRawUnsafe(
      `INSERT INTO saga_step (saga_id, step_index, name, status, attempts, error_message) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (saga_id, step_index) DO UPDATE SET status = EXCLUDED.status,
         compensated_at = CASE WHEN EXCLUDED.status = 'COMPENSATED' THEN ${NOW_UTC} ELSE NULL END`,
      after.sagaId,
      index,
      step.name,
      step.status,
      failedNow ? (details.attempts ?? saga.retryCount) : 0,
      failedNow ? (details.errorMessage ?? null) : null,
    );
  }
}

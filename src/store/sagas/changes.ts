import type { SqlRunner } from '../../core/definition.ts';
import type { SagaEvent } from '../../core/evolve.ts';
import { evolve } from '../../core/evolve.ts';
import type { SagaRecord, StepRecord } from '../../core/record.ts';
import { isTerminal } from '../../core/status.ts';
import { NOW_UTC } from '../fence.ts';
import type { LoadedSaga } from './loaded-saga.ts';
import type { NewLogEntry } from '../log.ts';
import { INSERT_LOG, logColumns, withoutNul } from '../log.ts';

/** What becomes of one saga, whose row is held. */
export interface Change {
  /** What happened to it. */
  readonly event?: SagaEvent;
  /** What goes with the event into the saga's row and the failing step's. */
  readonly details?: EventDetails;
  /** An attempt of the step to run next failed, and another follows. `cleared`: it certainly did not act. */
  readonly attempt?: { readonly number: number; readonly cleared: boolean };
  /** A run of a step's compensation began, or failed. Not together with an event: both write the step's row. */
  readonly undo?: { readonly step: string } & (
    { readonly kind: 'begun' } | { readonly kind: 'failed'; readonly attempt: number; readonly message: string }
  );
  readonly log?: readonly Omit<NewLogEntry, 'sagaId'>[];
}

export interface EventDetails {
  /** The error that ended the forward run, as thrown. */
  readonly errorMessage?: string;
  readonly reason?: string;
  /** Attempts the failed step used. */
  readonly attempts?: number;
}

/** A change, and the saga before and after it. */
export interface Changed extends Change {
  readonly saga: LoadedSaga;
  readonly after: SagaRecord;
}

/** `unnest` over array parameters, the first of which has this number. */
const arrays = (first: number, ...types: readonly string[]) =>
  `unnest(${types.map((type, index) => `$${first + index}::${type}[]`).join(', ')})`;

// One statement, so that a batch costs one way to the server. No two parts of it may write one row.
const WRITE = `
  WITH sagas AS (
    UPDATE saga_state AS saga SET
      status = op.status,
      ending = op.ending,
      error_message = coalesce(op.error_message, saga.error_message),
      reason = coalesce(op.reason, saga.reason),
      retry_count = coalesce(op.retry_count, saga.retry_count),
      cleared = saga.cleared + op.cleared,
      completed_at = CASE WHEN op.ended THEN ${NOW_UTC} ELSE NULL END,
      wait_until = CASE WHEN op.evolved THEN NULL ELSE saga.wait_until END,
      updated_at = ${NOW_UTC}
    FROM ${arrays(1, 'text', 'text', 'text', 'text', 'text', 'int', 'int', 'bool', 'bool')}
      AS op(saga_id, status, ending, error_message, reason, retry_count, cleared, ended, evolved)
    WHERE saga.saga_id = op.saga_id
  ), steps AS (
    INSERT INTO saga_step (saga_id, step_index, name, status, attempts, error_message)
    SELECT * FROM ${arrays(10, 'text', 'int', 'text', 'text', 'int', 'text')}
    ON CONFLICT (saga_id, step_index) DO UPDATE SET status = EXCLUDED.status,
      compensated_at = CASE WHEN EXCLUDED.status = 'COMPENSATED' THEN ${NOW_UTC} ELSE NULL END
  ), undos AS (
    UPDATE saga_step AS step SET
      compensation_check_ins = step.compensation_check_ins + op.begun,
      compensation_answers = step.compensation_answers + op.failed,
      compensation_attempts = coalesce(op.attempt, step.compensation_attempts),
      compensation_error = coalesce(op.message, step.compensation_error)
    FROM ${arrays(16, 'text', 'text', 'int', 'int', 'int', 'text')} AS op(saga_id, name, begun, failed, attempt, message)
    WHERE step.saga_id = op.saga_id AND step.name = op.name
  )
  ${INSERT_LOG} SELECT * FROM ${arrays(22, 'text', 'text', 'text', 'int', 'text', 'text')}`;

/** Evolves a saga. Throws a `StaleEventError` where the event does not fit. */
export function changed(saga: LoadedSaga, change: Change): Changed {
  return { ...change, saga, after: change.event ? evolve(saga.record, change.event) : saga.record };
}

/** Writes what became of sagas whose rows `tx` holds: their rows, their steps' and their histories. */
export async function writeChanges(tx: SqlRunner, changes: readonly Changed[]): Promise<void> {
  if (changes.length === 0) return;
  const log = changes.flatMap(({ after, log: entries = [] }) =>
    entries.map((entry) => ({ ...entry, sagaId: after.sagaId })),
  );
  await tx.$executeRawUnsafe(
    WRITE,
    ...sagaColumns(changes),
    ...stepColumns(changes.flatMap(stepsOf)),
    ...undoColumns(changes),
    ...logColumns(log),
  );
}

function sagaColumns(changes: readonly Changed[]): unknown[][] {
  // That a compensation began is written of its step alone.
  const sagas = changes.filter(({ event, attempt, undo }) => event || attempt || undo?.kind === 'failed');
  return [
    sagas.map(({ after }) => after.sagaId),
    sagas.map(({ after }) => after.status),
    sagas.map(({ after }) => after.ending),
    sagas.map(({ details }) => details?.errorMessage ?? null),
    sagas.map(({ details }) => details?.reason ?? null),
    sagas.map(({ details, attempt }) => details?.attempts ?? attempt?.number ?? null),
    sagas.map(({ attempt }) => (attempt?.cleared === true ? 1 : 0)),
    sagas.map(({ after }) => isTerminal(after.status)),
    sagas.map(({ event }) => event !== undefined),
  ];
}

function stepColumns(steps: readonly StepChange[]): unknown[][] {
  return [
    steps.map(({ sagaId }) => sagaId),
    steps.map(({ index }) => index),
    steps.map(({ step }) => step.name),
    steps.map(({ step }) => step.status),
    steps.map(({ attempts }) => attempts),
    steps.map(({ error }) => error),
  ];
}

interface StepChange {
  readonly sagaId: string;
  readonly index: number;
  readonly step: StepRecord;
  readonly attempts: number;
  readonly error: string | null;
}

function stepsOf({ saga, after, details }: Changed): readonly StepChange[] {
  return after.steps.flatMap((step, index) => {
    const before = saga.record.steps[index]?.status;
    // A step without a row is PENDING, and SKIPPED once its saga turned back.
    if (step.status === before || step.status === 'SKIPPED' || step.status === 'PENDING') return [];
    const failedNow = before === 'PENDING';
    const attempts = failedNow ? (details?.attempts ?? saga.retryCount) : 0;
    const error = failedNow ? (details?.errorMessage ?? null) : null;
    return [{ sagaId: after.sagaId, index, step, attempts, error }];
  });
}

function undoColumns(changes: readonly Changed[]): unknown[][] {
  const undos = changes.flatMap(({ after: { sagaId }, undo }) => (undo ? [{ sagaId, ...undo }] : []));
  return [
    undos.map(({ sagaId }) => sagaId),
    undos.map(({ step }) => step),
    undos.map(({ kind }) => (kind === 'begun' ? 1 : 0)),
    undos.map(({ kind }) => (kind === 'failed' ? 1 : 0)),
    undos.map((undo) => (undo.kind === 'failed' ? undo.attempt : null)),
    undos.map((undo) => (undo.kind === 'failed' ? withoutNul(undo.message) : null)),
  ];
}

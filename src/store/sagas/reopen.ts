import type { SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import type { SagaEvent } from '../../core/evolve.ts';
import { StaleEventError } from '../../core/evolve.ts';
import type { SagaRecord } from '../../core/record.ts';
import { NOW_UTC } from '../fence.ts';
import type { LoadedSaga } from './loaded-saga.ts';
import { writeLog } from '../log.ts';
import type { SagaStore } from './sagas.ts';
import type { TaskResolution } from './tasks.ts';
import { closeCompensationTasks } from './tasks.ts';

/** Takes a parked saga up again: a failed compensation is tried once more, or counts as done by hand. `tx` holds the saga. */
export async function reopenCompensation(
  tx: SqlRunner,
  sagas: SagaStore,
  saga: LoadedSaga,
  step: string,
  by: TaskResolution,
): Promise<void> {
  const { sagaId } = saga.record;
  const byHand = by.resolution === 'undone';
  await applyOrRefuse(tx, sagas, saga, { kind: byHand ? 'undone-by-hand' : 'compensation-retried', step });
  await tx.$executeRawUnsafe(
    `UPDATE saga_step SET compensation_attempts = 0, compensation_answers = compensation_check_ins WHERE saga_id = $1 AND name = $2`,
    sagaId,
    step,
  );
  await closeCompensationTasks(tx, { sagaId, step }, by);
  const undone = by.byRescue === true ? 'undone by rescue' : 'undone by hand';
  const event = byHand ? undone : 'compensation retried';
  await writeLog(tx, { sagaId, event, step, message: by.reason, actor: by.actor });
}

/** Ends a parked saga as it stands. */
export async function abandonSaga(
  tx: SqlRunner,
  sagas: SagaStore,
  saga: LoadedSaga,
  by: TaskResolution,
): Promise<void> {
  const { sagaId } = saga.record;
  await applyOrRefuse(tx, sagas, saga, { kind: 'abandoned' });
  await closeCompensationTasks(tx, { sagaId }, by);
  await writeLog(tx, { sagaId, event: 'saga abandoned', message: by.reason, actor: by.actor });
}

/** The step in doubt, and its output as JSON text. */
export interface DoneByHand {
  readonly step: string;
  readonly output: string;
}

// What of the run ahead is left behind: the verdicts of the steps that are not done, and attempts to undo the others. `doubt` is 1
// where the step to run next may have acted: its run before was never answered, and it is not taken for one that did nothing.
const SEND_FORWARD = `
  WITH gone AS (
    DELETE FROM saga_step WHERE saga_id = $1 AND step_index >= $2::int
  ), kept AS (
    UPDATE saga_step SET compensation_attempts = 0, compensation_answers = compensation_check_ins, compensation_error = NULL,
      output = CASE WHEN name = $5 THEN $6::jsonb ELSE output END,
      done_at = CASE WHEN name = $5 THEN ${NOW_UTC} ELSE done_at END,
      error_message = CASE WHEN name = $5 THEN NULL ELSE error_message END
    WHERE saga_id = $1 AND step_index < $2::int
  )
  UPDATE saga_state SET steps_done = $2::int, check_ins = $3::int, cleared = 0, retry_count = 0, error_message = NULL, reason = NULL,
    step_index = least($2::int, cardinality(definition) - 1), current_step = definition[least($2::int + 1, cardinality(definition))],
    timeout_at = ${NOW_UTC} + $4::float8 * interval '1 millisecond', state = state || coalesce($6::jsonb, '{}')
  WHERE saga_id = $1`;

/**
 * Sends a parked saga on, from its first step that is not done; with `done`, from the step after that one. It loses its flow's
 * generation: whatever of the old flow still runs does not speak for it any more.
 */
export async function sendForward(
  tx: SqlRunner,
  sagas: SagaStore,
  saga: LoadedSaga,
  by: TaskResolution,
  done?: DoneByHand,
): Promise<void> {
  const { sagaId } = saga.record;
  const event = done ? ({ kind: 'done-by-hand', step: done.step } as const) : ({ kind: 'sent-forward' } as const);
  const after = await applyOrRefuse(tx, sagas, saga, event);
  const next = after.steps.findIndex(({ status }) => status === 'PENDING');
  const before = saga.record.steps[next]?.status;
  const doubt = before === 'UNKNOWN' || before === 'COMPENSATION_FAILED' ? 1 : 0;
  const stepsDone = next === -1 ? after.steps.length : next;
  const timeoutMs = saga.definition?.timeoutMs ?? null;
  await tx.$executeRawUnsafe(
    SEND_FORWARD,
    sagaId,
    stepsDone,
    doubt,
    timeoutMs,
    done?.step ?? null,
    done?.output ?? null,
  );
  if (after.status === 'RUNNING') await sagas.nextGenerations(tx, [saga.record]);
  await closeCompensationTasks(tx, { sagaId }, by);
  const entry = { sagaId, message: by.reason, actor: by.actor };
  await writeLog(tx, done ? { ...entry, event: 'done by hand', step: done.step } : { ...entry, event: 'sent forward' });
}

async function applyOrRefuse(tx: SqlRunner, sagas: SagaStore, saga: LoadedSaga, event: SagaEvent): Promise<SagaRecord> {
  try {
    return await sagas.apply(tx, saga, { event });
  } catch (error) {
    if (!(error instanceof StaleEventError)) throw error;
    throw new RunnerError('WRONG_STATE', error.message, { cause: error });
  }
}

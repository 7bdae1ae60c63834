import type { SqlRunner } from '../core/definition.ts';
import { RunnerError } from '../core/errors.ts';
import { StaleEventError } from '../core/evolve.ts';
import type { Ending } from '../core/status.ts';
import { NOW_UTC } from './fence.ts';
import type { StepRef } from './journal.ts';
import { writeLog } from './log.ts';
import type { LoadedSaga, SagaStore } from './sagas.ts';
import { openTask } from './tasks.ts';

/** One failed attempt, as the run that made it saw it. */
export interface FailedAttempt extends StepRef {
  readonly attempt: number;
  /** The number of the run's check-in. */
  readonly checkIn: number;
  readonly message: string;
}

export interface Verdicts {
  /** Notes that an attempt failed and another will follow. `cleared`: it certainly did not act. False if a newer run speaks
   *  for the step. */
  attemptFailed(failure: FailedAttempt, cleared: boolean): Promise<boolean>;
  /** The step failed for good: the saga turns back. False if a newer run speaks for the step. */
  stepFailed(failure: FailedAttempt, verdict: 'FAILED' | 'UNKNOWN'): Promise<boolean>;
  /** Turns a running saga back from within its flow, whose root then undoes it. False if it does not run in this
   *  generation any more. */
  turnBack(sagaId: string, generation: number, ending: Ending, reason: string): Promise<boolean>;
  /** The same from outside: its flow may sleep or hang, so it loses its generation in the same transaction, and the saga
   *  needs a new flow. Answers the saga as it was. */
  recall(sagaId: string, generation: number, ending: Ending, reason: string): Promise<LoadedSaga | undefined>;
  /** Cancels a saga that has not ended, from outside. Answers it as it was. Throws WRONG_STATE if it has, or was cancelled before. */
  cancel(sagaId: string, by: { readonly actor: string; readonly reason: string }): Promise<LoadedSaga>;
  /** A result came for a step its saga does not wait for. Opens a task where it may have acted behind an undo. */
  lateResult(ref: StepRef, output: string): Promise<void>;
}

export function createVerdicts(sagas: SagaStore): Verdicts {
  const turnBackIn = async (tx: SqlRunner, saga: LoadedSaga, ending: Ending, reason: string) => {
    const { sagaId } = saga.record;
    const event = { kind: 'turned-back', ending, inDoubt: saga.inDoubt } as const;
    await sagas.apply(tx, saga, event, { errorMessage: reason, reason });
    await writeLog(tx, { sagaId, event: 'saga turned back', message: reason });
  };
  const runsAs = ({ record }: LoadedSaga, generation: number) =>
    record.status === 'RUNNING' && record.generation === generation;

  return {
    attemptFailed: (failure, cleared) =>
      sagas.withLock(failure.sagaId, async (tx, saga) => {
        if (!speaksFor(saga, failure)) return false;
        await tx.$executeRawUnsafe(
          `UPDATE saga_state SET retry_count = $2, cleared = cleared + $3::int, updated_at = ${NOW_UTC} WHERE saga_id = $1`,
          failure.sagaId,
          failure.attempt,
          cleared ? 1 : 0,
        );
        await writeLog(tx, { ...failure, event: 'attempt failed' });
        return true;
      }),

    stepFailed: (failure, verdict) =>
      sagas.withLock(failure.sagaId, async (tx, saga) => {
        if (!speaksFor(saga, failure)) return false;
        const { step, message, attempt } = failure;
        await writeLog(tx, { ...failure, event: 'attempt failed' });
        await sagas.apply(
          tx,
          saga,
          { kind: 'step-failed', step, verdict },
          { errorMessage: message, attempts: attempt },
        );
        await writeLog(tx, { sagaId: failure.sagaId, event: 'step failed', step, message: `${verdict}: ${message}` });
        return true;
      }),

    turnBack: (sagaId, generation, ending, reason) =>
      sagas.withLock(sagaId, async (tx, saga) => {
        if (!runsAs(saga, generation)) return false;
        await turnBackIn(tx, saga, ending, reason);
        return true;
      }),

    recall: (sagaId, generation, ending, reason) =>
      sagas.withLock(sagaId, async (tx, saga) => {
        if (!runsAs(saga, generation)) return undefined;
        await turnBackIn(tx, saga, ending, reason);
        await sagas.nextGenerations(tx, [saga.record]);
        return saga;
      }),

    cancel: (sagaId, { actor, reason }) =>
      sagas.withLock(sagaId, async (tx, saga) => {
        const event = { kind: 'turned-back', ending: 'CANCELLED', inDoubt: saga.inDoubt } as const;
        try {
          await sagas.apply(tx, saga, event, {
            reason,
            ...(isRunning(saga) ? { errorMessage: 'Saga cancelled' } : {}),
          });
        } catch (error) {
          if (!(error instanceof StaleEventError)) throw error;
          const { status, ending } = saga.record;
          const why = ending === 'CANCELLED' ? 'was cancelled before' : `is ${status}`;
          throw new RunnerError('WRONG_STATE', `Saga ${sagaId} ${why}: it cannot be cancelled`, { cause: error });
        }
        if (isRunning(saga)) await sagas.nextGenerations(tx, [saga.record]);
        await writeLog(tx, { sagaId, event: 'saga cancelled', message: reason, actor });
        return saga;
      }),

    lateResult: (ref, output) => sagas.withLock(ref.sagaId, (tx, saga) => noteLateResult(tx, saga, ref, output)),
  };
}

function isRunning({ record }: LoadedSaga): boolean {
  return record.status === 'RUNNING';
}

/** Only the newest run of the step its saga is at may say that it failed. */
function speaksFor(saga: LoadedSaga, failure: FailedAttempt): boolean {
  return (
    saga.record.status === 'RUNNING' &&
    saga.record.generation === failure.generation &&
    saga.stepsDone === failure.stepIndex &&
    saga.checkIns === failure.checkIn
  );
}

async function noteLateResult(tx: SqlRunner, saga: LoadedSaga, ref: StepRef, output: string): Promise<void> {
  if (saga.record.status === 'RUNNING' || saga.record.status === 'COMPLETED') return;
  const status = saga.record.steps[ref.stepIndex]?.status;
  await writeLog(tx, { sagaId: ref.sagaId, event: 'late result', step: ref.step, message: output.slice(0, 1_000) });
  // UNKNOWN is still to be undone, and DONE was recorded by another run: the undo covers both.
  if (status === 'DONE' || status === 'UNKNOWN') return;
  await openTask(tx, {
    sagaId: ref.sagaId,
    type: saga.record.type,
    step: ref.step,
    kind: 'LATE_RESULT',
    message: `${ref.step} came back after it was ${status ?? 'given up'}: check whether it acted. It returned ${output.slice(0, 500)}`,
  });
}

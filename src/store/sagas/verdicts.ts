import type { SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import { StaleEventError } from '../../core/evolve.ts';
import type { Ending } from '../../core/status.ts';
import { writeAudit } from '../audit.ts';
import type { Change } from './changes.ts';
import type { StepRef } from '../entries.ts';
import { writeLog } from '../log.ts';
import type { LoadedSaga } from './loaded-saga.ts';
import type { SagaStore } from './sagas.ts';

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
  /** A result came for a step its saga does not wait for. Opens a task where it may have acted behind an undo.
   *  `output` is quoted: nothing that is not to be shown. */
  lateResult(ref: StepRef, output: string): Promise<void>;
}

export function createVerdicts(sagas: SagaStore): Verdicts {
  const recallIn = async (tx: SqlRunner, saga: LoadedSaga, change: Change) => {
    await sagas.apply(tx, saga, change);
    if (isRunning(saga)) await sagas.nextGenerations(tx, [saga.record]);
    return saga;
  };
  return {
    attemptFailed: (failure, cleared) =>
      sagas.change(failure.sagaId, (saga) => {
        if (!speaksFor(saga, failure)) return { answer: false };
        const attempt = { number: failure.attempt, cleared };
        return { answer: true, change: { attempt, log: [attemptEntry(failure)] } };
      }),

    stepFailed: (failure, verdict) =>
      sagas.change(failure.sagaId, (saga) => {
        if (!speaksFor(saga, failure)) return { answer: false };
        const { step, message, attempt } = failure;
        const entry = { event: 'step failed', step, message: `${verdict}: ${message}` } as const;
        const change = {
          event: { kind: 'step-failed', step, verdict },
          details: { errorMessage: message, attempts: attempt },
          log: [attemptEntry(failure), entry],
        } as const;
        return { answer: true, change };
      }),

    turnBack: (sagaId, generation, ending, reason) =>
      sagas.change(sagaId, (saga) =>
        runsAs(saga, generation) ? { answer: true, change: turningBack(saga, ending, reason) } : { answer: false },
      ),

    recall: (sagaId, generation, ending, reason) =>
      sagas.withLock(sagaId, async (tx, saga) =>
        runsAs(saga, generation) ? recallIn(tx, saga, turningBack(saga, ending, reason)) : undefined,
      ),

    cancel: (sagaId, { actor, reason }) =>
      sagas.withLock(sagaId, async (tx, saga) => {
        try {
          const before = await recallIn(tx, saga, {
            event: { kind: 'turned-back', ending: 'CANCELLED', inDoubt: saga.inDoubt },
            details: { reason, ...(isRunning(saga) ? { errorMessage: 'Saga cancelled' } : {}) },
            log: [{ event: 'saga cancelled', message: reason, actor }],
          });
          await writeAudit(tx, { actor, action: 'cancel', sagaId, reason });
          return before;
        } catch (error) {
          if (!(error instanceof StaleEventError)) throw error;
          const { status, ending } = saga.record;
          const why = ending === 'CANCELLED' ? 'was cancelled before' : `is ${status}`;
          throw new RunnerError('WRONG_STATE', `Saga ${sagaId} ${why}: it cannot be cancelled`, { cause: error });
        }
      }),

    lateResult: (ref, output) => sagas.withLock(ref.sagaId, (tx, saga) => noteLateResult(tx, sagas, saga, ref, output)),
  };
}

function attemptEntry({ step, attempt, message }: FailedAttempt) {
  return { event: 'attempt failed', step, attempt, message } as const;
}

function turningBack({ inDoubt }: LoadedSaga, ending: Ending, reason: string): Change {
  return {
    event: { kind: 'turned-back', ending, inDoubt },
    details: { errorMessage: reason, reason },
    log: [{ event: 'saga turned back', message: reason }],
  };
}

function isRunning({ record }: LoadedSaga): boolean {
  return record.status === 'RUNNING';
}

function runsAs(saga: LoadedSaga, generation: number): boolean {
  return isRunning(saga) && saga.record.generation === generation;
}

/** Only the newest run of the step its saga is at may say that it failed. */
function speaksFor(saga: LoadedSaga, failure: FailedAttempt): boolean {
  return runsAs(saga, failure.generation) && saga.stepsDone === failure.stepIndex && saga.checkIns === failure.checkIn;
}

async function noteLateResult(
  tx: SqlRunner,
  sagas: SagaStore,
  saga: LoadedSaga,
  ref: StepRef,
  output: string,
): Promise<void> {
  if (saga.record.status === 'RUNNING' || saga.record.status === 'COMPLETED') return;
  const status = saga.record.steps[ref.stepIndex]?.status;
  await writeLog(tx, { sagaId: ref.sagaId, event: 'late result', step: ref.step, message: output.slice(0, 1_000) });
  // UNKNOWN is still to be undone, and DONE was recorded by another run: the undo covers both.
  if (saga.record.status !== 'ABANDONED' && (status === 'DONE' || status === 'UNKNOWN')) return;
  await sagas.openTask(tx, {
    sagaId: ref.sagaId,
    type: saga.record.type,
    step: ref.step,
    kind: 'LATE_RESULT',
    message: `${ref.step} came back after it was ${status ?? 'given up'}: check whether it acted. It returned ${output.slice(0, 500)}`,
  });
}

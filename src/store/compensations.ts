import { decide } from '../core/decide.ts';
import type { SqlRunner } from '../core/definition.ts';
import { RunnerError } from '../core/errors.ts';
import { StaleEventError } from '../core/evolve.ts';
import { NOW_UTC } from './fence.ts';
import { withoutNul, writeLog } from './log.ts';
import type { LoadedSaga, SagaStore } from './sagas.ts';
import type { TaskResolution } from './tasks.ts';
import { closeCompensationTasks, openTask } from './tasks.ts';
import type { TaskKind } from './views.ts';

/** Names one compensation of one generation of a saga's flow: what a compensation job speaks for. */
export interface CompensationRef {
  readonly sagaId: string;
  readonly generation: number;
  readonly step: string;
}

export interface CompensationGrant {
  readonly kind: 'granted';
  readonly input: unknown;
  readonly state: unknown;
  /** Undefined where the step is not known to be done. */
  readonly output: unknown;
  /** From 1. */
  readonly attempt: number;
}

/** `done`: undone already. `refused`: a later step is still to be undone, or the job does not speak for its saga. */
export type CompensationCheckIn = CompensationGrant | { readonly kind: 'done' } | { readonly kind: 'refused' };

export interface Compensations {
  /** Asks leave to compensate. A job that was retried in the queue resumes its parked saga. */
  checkIn(ref: CompensationRef): Promise<CompensationCheckIn>;
  /** The same under the saga's lock, for a compensation that commits with its record. */
  checkInWith(tx: SqlRunner, ref: CompensationRef): Promise<{ saga: LoadedSaga; result: CompensationCheckIn }>;
  /** Records the compensation, and finishes or parks the saga when nothing is left to undo. */
  record(ref: CompensationRef): Promise<void>;
  recordWith(tx: SqlRunner, saga: LoadedSaga, ref: CompensationRef): Promise<void>;
  /** Notes a failed attempt; another follows. */
  attemptFailed(ref: CompensationRef, attempt: number, message: string): Promise<void>;
  /** The attempts are used up, or only a person can undo the step: opens a task, and parks the saga. */
  giveUp(ref: CompensationRef, task: { kind: TaskKind; attempt: number; message: string }): Promise<void>;
  /** A person wants a failed compensation tried again, or says that it was done by hand. */
  resume(sagaId: string, step: string, resolution: TaskResolution): Promise<void>;
}

export function createCompensations(sagas: SagaStore): Compensations {
  const checkInWith: Compensations['checkInWith'] = async (tx, ref) => {
    const locked = await sagas.lock(tx, ref.sagaId);
    if (!retriedInTheQueue(locked, ref)) return { saga: locked, result: checkInOf(locked, ref) };
    await reopen(tx, sagas, locked, ref.step, { resolution: 'retry', reason: 'retried in the queue', actor: 'queue' });
    const saga = await sagas.lock(tx, ref.sagaId);
    return { saga, result: checkInOf(saga, ref) };
  };
  const recordWith: Compensations['recordWith'] = async (tx, saga, ref) => {
    await sagas.apply(tx, saga, { kind: 'compensated', step: ref.step });
    await writeLog(tx, { sagaId: ref.sagaId, event: 'compensated', step: ref.step });
  };
  /** Does `work` if the step is still to be compensated in this generation; else somebody else was first. */
  const ifCurrent = (ref: CompensationRef, work: (tx: SqlRunner, saga: LoadedSaga) => Promise<void>) =>
    sagas.withLock(ref.sagaId, async (tx, saga) => {
      if (checkInOf(saga, ref).kind === 'granted') await work(tx, saga);
    });

  return {
    checkInWith,
    recordWith,
    checkIn: (ref) => sagas.withLock(ref.sagaId, async (tx) => (await checkInWith(tx, ref)).result),
    record: (ref) => ifCurrent(ref, (tx, saga) => recordWith(tx, saga, ref)),
    attemptFailed: (ref, attempt, message) =>
      ifCurrent(ref, async (tx, saga) => {
        await noteAttempt(tx, saga, ref, attempt, message);
        await writeLog(tx, { ...ref, event: 'compensation attempt failed', attempt, message });
      }),
    giveUp: (ref, { kind, attempt, message }) =>
      ifCurrent(ref, async (tx, saga) => {
        await noteAttempt(tx, saga, ref, attempt, message);
        await sagas.apply(tx, saga, { kind: 'compensation-failed', step: ref.step });
        await openTask(tx, { sagaId: ref.sagaId, type: saga.record.type, step: ref.step, kind, message });
        await writeLog(tx, { ...ref, event: 'compensation failed', attempt, message });
      }),
    resume: (sagaId, step, resolution) =>
      sagas.withLock(sagaId, (tx, saga) => reopen(tx, sagas, saga, step, resolution)),
  };
}

function checkInOf(saga: LoadedSaga, ref: CompensationRef): CompensationCheckIn {
  const { record } = saga;
  if (record.generation !== ref.generation) return { kind: 'refused' };
  const step = record.steps.find((candidate) => candidate.name === ref.step);
  if (step?.status === 'COMPENSATED') return { kind: 'done' };
  const next = decide(record);
  if (next.kind !== 'compensate' || next.step !== ref.step) return { kind: 'refused' };
  const row = saga.rows.get(ref.step);
  return {
    kind: 'granted',
    input: saga.input,
    state: saga.state,
    output: step?.wasDone === true ? row?.output : undefined,
    attempt: (row?.compensation_attempts ?? 0) + 1,
  };
}

function retriedInTheQueue({ record }: LoadedSaga, ref: CompensationRef): boolean {
  return (
    record.status === 'FAILED' &&
    record.generation === ref.generation &&
    record.steps.some((step) => step.name === ref.step && step.status === 'COMPENSATION_FAILED' && step.undo === 'auto')
  );
}

async function reopen(
  tx: SqlRunner,
  sagas: SagaStore,
  saga: LoadedSaga,
  step: string,
  resolution: TaskResolution,
): Promise<void> {
  if (!saga.record.steps.some((candidate) => candidate.name === step))
    throw new RunnerError('UNKNOWN_STEP', `Saga ${saga.record.sagaId} has no step ${step}`);
  const byHand = resolution.resolution === 'undone';
  try {
    await sagas.apply(tx, saga, { kind: byHand ? 'undone-by-hand' : 'compensation-retried', step });
  } catch (error) {
    if (!(error instanceof StaleEventError)) throw error;
    throw new RunnerError('WRONG_STATE', error.message, { cause: error });
  }
  await tx.$executeRawUnsafe(
    `UPDATE saga_step SET compensation_attempts = 0 WHERE saga_id = $1 AND name = $2`,
    saga.record.sagaId,
    step,
  );
  await closeCompensationTasks(tx, saga.record.sagaId, step, resolution);
  await writeLog(tx, {
    sagaId: saga.record.sagaId,
    event: byHand ? 'undone by hand' : 'compensation retried',
    step,
    message: resolution.reason,
    actor: resolution.actor,
  });
}

async function noteAttempt(
  tx: SqlRunner,
  saga: LoadedSaga,
  ref: CompensationRef,
  attempt: number,
  message: string,
): Promise<void> {
  await tx.$executeRawUnsafe(
    `UPDATE saga_step SET compensation_attempts = $3, compensation_error = $4 WHERE saga_id = $1 AND name = $2`,
    saga.record.sagaId,
    ref.step,
    attempt,
    withoutNul(message),
  );
  await tx.$executeRawUnsafe(`UPDATE saga_state SET updated_at = ${NOW_UTC} WHERE saga_id = $1`, saga.record.sagaId);
}

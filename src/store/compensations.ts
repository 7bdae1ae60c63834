import { decide } from '../core/decide.ts';
import type { SqlRunner } from '../core/definition.ts';
import { RunnerError } from '../core/errors.ts';
import { StaleEventError } from '../core/evolve.ts';
import { NOW_UTC } from './fence.ts';
import { withoutNul, writeLog } from './log.ts';
import type { LoadedSaga, SagaStore } from './sagas.ts';
import type { TaskResolution } from './tasks.ts';
import { closeCompensationTasks, findCompensationTask, openTask } from './tasks.ts';
import { requireTurn, turnColumns } from './turn.ts';
import type { TaskKind } from './views.ts';

/** Names one compensation of one generation of a saga's flow: what a compensation job speaks for. */
export interface CompensationRef {
  readonly sagaId: string;
  readonly generation: number;
  readonly step: string;
  /** The task for which the job was failed, where a person has retried it since. A parked saga's job that runs without one
   *  died before it could fail. */
  readonly retriedTask?: string | undefined;
}

export interface CompensationGrant {
  readonly kind: 'granted';
  readonly input: unknown;
  readonly state: unknown;
  /** Undefined where the step is not known to be done. */
  readonly output: unknown;
  /** From 1. */
  readonly attempt: number;
  /** The number of this check-in: only the newest one may say that the compensation failed. */
  readonly checkIn: number;
  /** Earlier runs that ended without any word, since a person last asked for it. */
  readonly lost: number;
}

/** One failed attempt of a compensation, as the run that made it saw it. */
export interface FailedUndo extends Pick<CompensationGrant, 'attempt' | 'checkIn'> {
  readonly message: string;
}

/** `done`: undone already. `refused`: a later step is still to be undone, or the job does not speak for its saga. */
export type CompensationCheckIn =
  | CompensationGrant
  | { readonly kind: 'done' }
  | { readonly kind: 'refused' }
  /** Its saga was parked for the task, and the job has yet to fail. */
  | { readonly kind: 'parked'; readonly taskId: string };

export interface Compensations {
  /** Asks leave to compensate, and notes that it begins. A job that was retried in the queue resumes its parked saga. */
  checkIn(ref: CompensationRef): Promise<CompensationCheckIn>;
  /** Lets one run at a time into the transaction of a compensation, until `tx` ends; another gets a `TurnTakenError`. */
  enterIn(tx: SqlRunner, ref: CompensationRef, idleMs: number): Promise<void>;
  /** Notes that a run did not begin after its check-in. */
  withdraw(ref: CompensationRef): Promise<void>;
  /** Records the compensation, and finishes or parks the saga when nothing is left to undo. False if the saga has moved on:
   *  the compensation was recorded by another run, or does not speak for its saga. */
  record(ref: CompensationRef): Promise<boolean>;
  /** `record` in the transaction of the compensation's own writes. */
  recordIn(tx: SqlRunner, ref: CompensationRef): Promise<boolean>;
  /** Notes a failed attempt; another follows. False if a newer run speaks for the compensation. */
  attemptFailed(ref: CompensationRef, failure: FailedUndo): Promise<boolean>;
  /** The attempts are used up, or only a person can undo the step: opens a task, which is answered, and parks the saga.
   *  Undefined if a newer run speaks for the compensation. */
  giveUp(ref: CompensationRef, kind: TaskKind, failure: FailedUndo): Promise<string | undefined>;
  /** A person wants a failed compensation tried again, or says that it was done by hand. */
  resume(sagaId: string, step: string, resolution: TaskResolution): Promise<void>;
}

const ENTER = `SELECT ${turnColumns('$2')} FROM saga_state AS saga WHERE saga.saga_id = $1`;
const COUNT_CHECK_IN = `
  UPDATE saga_step SET compensation_check_ins = compensation_check_ins + 1 WHERE saga_id = $1 AND name = $2
  RETURNING compensation_check_ins AS count`;
const WITHDRAW = `
  UPDATE saga_step SET compensation_answers = compensation_answers + 1
  WHERE saga_id = $1 AND name = $2 AND compensation_check_ins > compensation_answers`;

export function createCompensations(sql: SqlRunner, sagas: SagaStore): Compensations {
  /** Does `work` if the step is still to be compensated in this generation; else somebody else was first. */
  const ifGranted = async <R>(
    saga: LoadedSaga,
    ref: CompensationRef,
    work: () => Promise<R>,
  ): Promise<R | undefined> => (checkInOf(saga, ref).kind === 'granted' ? work() : undefined);
  /** The same for a failure: only the newest run may say that a compensation failed. */
  const ifNewest = <R>(
    ref: CompensationRef,
    { checkIn }: FailedUndo,
    work: (tx: SqlRunner, saga: LoadedSaga) => Promise<R>,
  ) =>
    sagas.withLock(ref.sagaId, async (tx, saga) => {
      if (saga.rows.get(ref.step)?.compensation_check_ins !== checkIn) return undefined;
      return ifGranted(saga, ref, () => work(tx, saga));
    });
  const recordUnder = async (tx: SqlRunner, saga: LoadedSaga, ref: CompensationRef) => {
    await sagas.apply(tx, saga, { kind: 'compensated', step: ref.step });
    await writeLog(tx, { sagaId: ref.sagaId, event: 'compensated', step: ref.step });
    return true;
  };

  return {
    checkIn: (ref) =>
      sagas.withLock(ref.sagaId, async (tx, locked) => {
        const taskId = isParked(locked, ref) ? await findCompensationTask(tx, ref.sagaId, ref.step) : undefined;
        if (taskId !== undefined && taskId !== ref.retriedTask) return { kind: 'parked', taskId };
        const saga = taskId === undefined ? locked : await reopenByQueue(tx, sagas, locked, ref);
        const result = checkInOf(saga, ref);
        if (result.kind !== 'granted') return result;
        const [row] = await tx.$queryRawUnsafe<{ count: number }[]>(COUNT_CHECK_IN, ref.sagaId, ref.step);
        return { ...result, checkIn: row?.count ?? 1 };
      }),
    enterIn: async (tx, { sagaId }, idleMs) => {
      const [row] = await tx.$queryRawUnsafe<{ alone: boolean }[]>(ENTER, sagaId, String(idleMs));
      requireTurn(sagaId, row);
    },
    withdraw: async ({ sagaId, step }) => {
      await sql.$executeRawUnsafe(WITHDRAW, sagaId, step);
    },
    record: (ref) =>
      sagas.withLock(
        ref.sagaId,
        async (tx, saga) => (await ifGranted(saga, ref, () => recordUnder(tx, saga, ref))) ?? false,
      ),
    recordIn: async (tx, ref) => {
      const saga = await sagas.lock(tx, ref.sagaId);
      return (await ifGranted(saga, ref, () => recordUnder(tx, saga, ref))) ?? false;
    },
    attemptFailed: async (ref, failure) => {
      const noted = await ifNewest(ref, failure, async (tx, saga) => {
        await noteAttempt(tx, saga, ref, failure);
        const { attempt, message } = failure;
        await writeLog(tx, { ...ref, event: 'compensation attempt failed', attempt, message });
        return true;
      });
      return noted ?? false;
    },
    giveUp: (ref, kind, failure) =>
      ifNewest(ref, failure, async (tx, saga) => {
        await noteAttempt(tx, saga, ref, failure);
        const { attempt, message } = failure;
        await sagas.apply(tx, saga, { kind: 'compensation-failed', step: ref.step });
        await writeLog(tx, { ...ref, event: 'compensation failed', attempt, message });
        return openTask(tx, { sagaId: ref.sagaId, type: saga.record.type, step: ref.step, kind, message });
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
  const checkIn = row?.compensation_check_ins ?? 0;
  return {
    kind: 'granted',
    input: saga.input,
    state: saga.state,
    output: step?.wasDone === true ? row?.output : undefined,
    attempt: (row?.compensation_attempts ?? 0) + 1,
    checkIn,
    lost: checkIn - (row?.compensation_answers ?? 0),
  };
}

/** Its compensation was given up, and can be tried again. */
function isParked({ record }: LoadedSaga, ref: CompensationRef): boolean {
  return (
    record.status === 'FAILED' &&
    record.generation === ref.generation &&
    record.steps.some((step) => step.name === ref.step && step.status === 'COMPENSATION_FAILED' && step.undo === 'auto')
  );
}

async function reopenByQueue(
  tx: SqlRunner,
  sagas: SagaStore,
  saga: LoadedSaga,
  { sagaId, step }: CompensationRef,
): Promise<LoadedSaga> {
  await reopen(tx, sagas, saga, step, { resolution: 'retry', reason: 'retried in the queue', actor: 'queue' });
  return sagas.lock(tx, sagaId);
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
    `UPDATE saga_step SET compensation_attempts = 0, compensation_answers = compensation_check_ins WHERE saga_id = $1 AND name = $2`,
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
  { attempt, message }: FailedUndo,
): Promise<void> {
  await tx.$executeRawUnsafe(
    `UPDATE saga_step SET compensation_attempts = $3, compensation_error = $4, compensation_answers = compensation_answers + 1
     WHERE saga_id = $1 AND name = $2`,
    saga.record.sagaId,
    ref.step,
    attempt,
    withoutNul(message),
  );
  await tx.$executeRawUnsafe(`UPDATE saga_state SET updated_at = ${NOW_UTC} WHERE saga_id = $1`, saga.record.sagaId);
}

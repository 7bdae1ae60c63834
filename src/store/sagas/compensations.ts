import { decide } from '../../core/decide.ts';
import type { SqlRunner } from '../../core/definition.ts';
import type { NewSaga } from '../../core/request.ts';
import type { TaskKind } from '../../core/task.ts';
import { writeAudit } from '../audit.ts';
import type { Change } from './changes.ts';
import { NOW_UTC } from '../fence.ts';
import type { LoadedSaga } from './loaded-saga.ts';
import { writeLog } from '../log.ts';
import { reopenCompensation } from './reopen.ts';
import type { RescuedTask } from './rescues.ts';
import { beginRescue } from './rescues.ts';
import type { Ruling, SagaStore } from './sagas.ts';
import { findCompensationTask } from './tasks.ts';
import { requireTurn, turnColumns } from '../turn.ts';

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
  /** The step in doubt was found to be done, with this output, as JSON text. */
  readonly found?: string | undefined;
}

/** What is to be done in place of a compensation that is given up: a saga, or why there is none. */
export type RescuePlan =
  { readonly kind: 'start'; readonly saga: NewSaga } | { readonly kind: 'refused'; readonly message: string };

export interface GivenUp {
  readonly taskId: string;
  /** The planned rescue was started. */
  readonly rescued: boolean;
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
  /** The attempts are used up, or only a person can undo the step: opens a task, starts its rescue if there is one, and parks
   *  the saga. Undefined if a newer run speaks for the compensation. */
  giveUp(ref: CompensationRef, kind: TaskKind, failure: FailedUndo, rescue?: RescuePlan): Promise<GivenUp | undefined>;
}

const ENTER = `SELECT ${turnColumns('$2')} FROM saga_state AS saga WHERE saga.saga_id = $1`;
// The saga's state takes the output as from a record; only the record's place in the run ahead is past.
const FOUND = `
  WITH found AS (
    UPDATE saga_step SET output = $3::jsonb, done_at = ${NOW_UTC} WHERE saga_id = $1 AND name = $2
  )
  UPDATE saga_state SET state = state || $3::jsonb WHERE saga_id = $1`;
const WITHDRAW = `
  UPDATE saga_step SET compensation_answers = compensation_answers + 1
  WHERE saga_id = $1 AND name = $2 AND compensation_check_ins > compensation_answers`;

export function createCompensations(sql: SqlRunner, sagas: SagaStore): Compensations {
  return {
    checkIn: async (ref) => {
      const result = await sagas.change(ref.sagaId, (saga) => begin(saga, ref));
      return result.kind === 'given up' ? takeUp(sagas, ref) : result;
    },
    enterIn: async (tx, { sagaId }, idleMs) => {
      const [row] = await tx.$queryRawUnsafe<{ alone: boolean }[]>(ENTER, sagaId, String(idleMs));
      requireTurn(sagaId, row);
    },
    withdraw: async ({ sagaId, step }) => {
      await sql.$executeRawUnsafe(WITHDRAW, sagaId, step);
    },
    record: (ref) =>
      sagas.change(ref.sagaId, (saga) =>
        isGranted(saga, ref) ? { answer: true, change: undone(ref) } : { answer: false },
      ),
    recordIn: async (tx, ref) => {
      const saga = await sagas.lock(tx, ref.sagaId);
      if (!isGranted(saga, ref)) return false;
      await sagas.apply(tx, saga, undone(ref));
      return true;
    },
    attemptFailed: (ref, failure) =>
      sagas.change(ref.sagaId, (saga) => {
        if (!isNewest(saga, ref, failure)) return { answer: false };
        return { answer: true, change: failing(ref, failure, 'compensation attempt failed') };
      }),
    giveUp: (ref, kind, failure, rescue) =>
      sagas.withLock(ref.sagaId, async (tx, saga) => {
        if (!isNewest(saga, ref, failure)) return undefined;
        await sagas.apply(tx, saga, failing(ref, failure, 'compensation failed'));
        await sagas.apply(tx, saga, { event: { kind: 'compensation-failed', step: ref.step } });
        if (failure.found !== undefined) await tx.$executeRawUnsafe(FOUND, ref.sagaId, ref.step, failure.found);
        const { type } = saga.record;
        const { sagaId, step } = ref;
        const taskId = await sagas.openTask(tx, { sagaId, type, step, kind, message: failure.message });
        return { taskId, rescued: await rescueBy(tx, rescue, { taskId, sagaId, step }) };
      }),
  };
}

/** A check-in of a saga that is not parked for the compensation: `given up` says that it is. */
function begin(saga: LoadedSaga, ref: CompensationRef): Ruling<CompensationCheckIn | { readonly kind: 'given up' }> {
  if (isParked(saga, ref)) return { answer: { kind: 'given up' } };
  const answer = checkInOf(saga, ref);
  return answer.kind === 'granted' ? { answer, change: { undo: { kind: 'begun', step: ref.step } } } : { answer };
}

/** The check-in of a compensation that was given up: its job was retried in the queue, or died before it could fail. */
function takeUp(sagas: SagaStore, ref: CompensationRef): Promise<CompensationCheckIn> {
  return sagas.withLock(ref.sagaId, async (tx, locked) => {
    const task = isParked(locked, ref) ? await findCompensationTask(tx, ref.sagaId, ref.step) : undefined;
    if (task && (task.rescued || task.taskId !== ref.retriedTask)) return { kind: 'parked', taskId: task.taskId };
    const saga = task ? await reopenByQueue(tx, sagas, locked, ref) : locked;
    const answer = checkInOf(saga, ref);
    if (answer.kind === 'granted') await sagas.apply(tx, saga, { undo: { kind: 'begun', step: ref.step } });
    return answer;
  });
}

async function rescueBy(tx: SqlRunner, plan: RescuePlan | undefined, task: RescuedTask): Promise<boolean> {
  if (plan?.kind === 'start') return beginRescue(tx, plan.saga, task);
  const { sagaId, step } = task;
  if (plan) await writeLog(tx, { sagaId, event: 'rescue not started', step, message: plan.message });
  return false;
}

function undone({ step }: CompensationRef): Change {
  return { event: { kind: 'compensated', step }, log: [{ event: 'compensated', step }] };
}

function failing(
  { step }: CompensationRef,
  { attempt, message }: FailedUndo,
  event: 'compensation attempt failed' | 'compensation failed',
): Change {
  return { undo: { kind: 'failed', step, attempt, message }, log: [{ event, step, attempt, message }] };
}

/** The step is still to be compensated in this generation; else somebody else was first. */
function isGranted(saga: LoadedSaga, ref: CompensationRef): boolean {
  return checkInOf(saga, ref).kind === 'granted';
}

/** The same for a failure: only the newest run may say that a compensation failed. */
function isNewest(saga: LoadedSaga, ref: CompensationRef, { checkIn }: FailedUndo): boolean {
  return saga.rows.get(ref.step)?.compensation_check_ins === checkIn && isGranted(saga, ref);
}

function checkInOf(saga: LoadedSaga, ref: CompensationRef): CompensationCheckIn {
  const { record } = saga;
  if (record.generation !== ref.generation) return { kind: 'refused' };
  const step = record.steps.find((candidate) => candidate.name === ref.step);
  if (step?.status === 'COMPENSATED') return { kind: 'done' };
  const next = decide(record);
  if (next.kind !== 'compensate' || next.step !== ref.step) return { kind: 'refused' };
  const row = saga.rows.get(ref.step);
  const earlier = row?.compensation_check_ins ?? 0;
  return {
    kind: 'granted',
    input: saga.input,
    state: saga.state,
    output: step?.wasDone === true ? row?.output : undefined,
    attempt: (row?.compensation_attempts ?? 0) + 1,
    checkIn: earlier + 1,
    lost: earlier - (row?.compensation_answers ?? 0),
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
  const by = { resolution: 'retry', reason: 'retried in the queue', actor: 'queue' } as const;
  await reopenCompensation(tx, sagas, saga, step, by);
  await writeAudit(tx, { ...by, action: 'retry', sagaId, step });
  return sagas.lock(tx, sagaId);
}

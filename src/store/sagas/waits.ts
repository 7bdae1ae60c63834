import type { SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import { canonicalText } from '../../core/json.ts';
import { writeAudit } from '../audit.ts';
import { FORWARD_FENCE, NOW_UTC } from '../fence.ts';
import type { StepRef } from '../entries.ts';
import { writeLog } from '../log.ts';
import type { SagaStore } from './sagas.ts';

export interface ReceivedSignal {
  readonly payload: unknown;
}

export interface NewSignal {
  readonly sagaId: string;
  readonly name: string;
  readonly signalId: string | null;
  readonly payload: unknown;
  readonly actor: string | null;
}

/** What a waiting step asks its saga's rows. */
export interface Waits {
  /** Until when its answer is waited for; null if its request was not sent. */
  begun(tx: SqlRunner, sagaId: string): Promise<Date | null>;
  /** Notes that the request was sent, and until when its answer is waited for. Undefined: the saga has moved on, and the
   *  request must be rolled back. */
  begin(tx: SqlRunner, ref: StepRef, timeoutMs: number): Promise<Date | undefined>;
  /** The signal that answers the step, once it was received. */
  answer(sql: SqlRunner, sagaId: string, step: string): Promise<ReceivedSignal | undefined>;
}

/** `pending`: the step may be waiting; its job must be woken. `kept`: the saga has not got there yet. `before`: the same
 *  signal was received earlier. */
export type SignalReceipt = { readonly kind: 'pending' | 'kept' | 'before'; readonly generation: number };

/** Keeps a signal until its step takes it. A second one of the name is refused unless it is the same one again. */
export async function receiveSignal(sagas: SagaStore, signal: NewSignal): Promise<SignalReceipt> {
  return sagas.withLock(signal.sagaId, async (tx, { record }) => {
    const { generation } = record;
    const [known] = await tx.$queryRawUnsafe<{ signal_id: string | null; payload: unknown }[]>(
      `SELECT signal_id, payload FROM saga_signal WHERE saga_id = $1 AND name = $2`,
      signal.sagaId,
      signal.name,
    );
    if (known) {
      if (isSameSignal(known, signal)) return { kind: 'before', generation };
      throw new RunnerError('SIGNAL_ALREADY_RECEIVED', `Saga ${signal.sagaId} already has a signal ${signal.name}`);
    }
    const step = record.steps.find((candidate) => candidate.name === signal.name);
    if (record.status !== 'RUNNING' || step?.status !== 'PENDING')
      throw new RunnerError(
        'WRONG_STATE',
        `Saga ${signal.sagaId} is ${record.status} and its step ${signal.name} is ${step?.status ?? 'unknown'}: it takes no signal any more`,
      );
    await tx.$executeRawUnsafe(
      `INSERT INTO saga_signal (saga_id, name, signal_id, payload) VALUES ($1, $2, $3, $4::jsonb)`,
      signal.sagaId,
      signal.name,
      signal.signalId,
      JSON.stringify(signal.payload),
    );
    await noteSignal(tx, signal);
    // The wait is over: if nobody wakes the step, the reconciler does.
    await tx.$executeRawUnsafe(
      `UPDATE saga_state SET wait_until = ${NOW_UTC} WHERE saga_id = $1 AND current_step = $2 AND wait_until > ${NOW_UTC}`,
      signal.sagaId,
      signal.name,
    );
    const isNext = record.steps.find((candidate) => candidate.status === 'PENDING')?.name === signal.name;
    return { kind: isNext ? 'pending' : 'kept', generation };
  });
}

async function noteSignal(tx: SqlRunner, { sagaId, name: step, actor }: NewSignal): Promise<void> {
  await writeLog(tx, { sagaId, event: 'signal received', step, ...(actor === null ? {} : { actor }) });
  if (actor !== null) await writeAudit(tx, { actor, action: 'signal', sagaId, step });
}

function isSameSignal(known: { signal_id: string | null; payload: unknown }, signal: NewSignal): boolean {
  return (
    known.signal_id !== null &&
    known.signal_id === signal.signalId &&
    canonicalText(known.payload) === canonicalText(signal.payload)
  );
}

async function findSignal(sql: SqlRunner, sagaId: string, name: string): Promise<ReceivedSignal | undefined> {
  const [signal] = await sql.$queryRawUnsafe<ReceivedSignal[]>(
    `SELECT payload FROM saga_signal WHERE saga_id = $1 AND name = $2`,
    sagaId,
    name,
  );
  return signal;
}

async function findWait(tx: SqlRunner, sagaId: string): Promise<Date | null> {
  const [row] = await tx.$queryRawUnsafe<{ wait_until: Date | null }[]>(
    `SELECT wait_until FROM saga_state WHERE saga_id = $1`,
    sagaId,
  );
  return row?.wait_until ?? null;
}

async function beginWait(tx: SqlRunner, ref: StepRef, timeoutMs: number): Promise<Date | undefined> {
  const [row] = await tx.$queryRawUnsafe<{ wait_until: Date }[]>(
    `UPDATE saga_state AS saga SET wait_until = ${NOW_UTC} + $4::float8 * interval '1 millisecond', updated_at = ${NOW_UTC}
     FROM (SELECT $1 AS saga_id, $2::int AS generation, $3::int AS step_index) AS op
     WHERE saga.saga_id = op.saga_id AND ${FORWARD_FENCE} RETURNING saga.wait_until`,
    ref.sagaId,
    ref.generation,
    ref.stepIndex,
    timeoutMs,
  );
  if (row) await writeLog(tx, { sagaId: ref.sagaId, event: 'answer requested', step: ref.step });
  return row?.wait_until;
}

export const waits: Waits = { begun: findWait, begin: beginWait, answer: findSignal };

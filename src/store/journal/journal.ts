import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlRunner } from '../../core/definition.ts';
import type { WantedNotices } from '../../core/notice.ts';
import { InfrastructureError, isInfrastructureFault } from '../fault.ts';
import { createAhead } from './ahead.ts';
import type { FlowStep } from './ahead.ts';
import { FORWARD_FENCE } from '../fence.ts';
import type { OnFlush } from '../group-commit.ts';
import { createGroupCommit } from '../group-commit.ts';
import type { CheckIn, Grant, StepDone, StepRef } from '../entries.ts';
import type { Entry, ProgressRow } from './progress.ts';
import { commitProgress } from './progress.ts';
import { requireTurn, turnColumns } from '../turn.ts';
import { STATEMENT_MS, within } from '../within.ts';

/** `done`: the step is recorded already. `refused`: the fence says that this job does not speak for its saga. `expired`:
 *  the saga's deadline has passed, and the step was not begun. */
export type CheckInResult =
  Grant | { readonly kind: 'done' } | { readonly kind: 'refused' } | { readonly kind: 'expired' };
/** `completedAfterMs`: how long the saga took, where this was its last step. */
export type RecordResult =
  | { readonly kind: 'recorded'; readonly completedAfterMs?: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'refused' };

/** The store's hot path: concurrent check-ins and records are committed together. */
export interface Journal {
  /** Asks leave to execute a step, and notes that it begins: from then on the step may have acted. */
  checkIn(entry: CheckIn): Promise<CheckInResult>;
  /** Records a step's output; the last step's record completes the saga. With `next`, the next step is checked in by the same
   *  write, and its `checkIn` in this process answers at once. */
  record(entry: StepDone): Promise<RecordResult>;
  /** Lets one run at a time into its step's transaction, until `tx` ends; another gets a `TurnTakenError`. False if the fence
   *  does not let it through. The saga's row stays free: whoever turns the saga back does not wait for the step. */
  enterIn(tx: SqlRunner, ref: StepRef, idleMs: number): Promise<boolean>;
  /** Notes that a run did not begin after its check-in: it certainly did not act. */
  withdraw(ref: StepRef): Promise<void>;
  /** `record` in the transaction of the step's own writes: the fence is asked again, and has the last word. */
  recordIn(tx: SqlRunner, entry: Omit<StepDone, 'next'>): Promise<RecordResult>;
  /** Checks in nothing ahead any more, and withdraws what was: for a process that takes no jobs any more. */
  settle(): Promise<void>;
}

const ENTER = `
  SELECT ${turnColumns('$4')}
  FROM saga_state AS saga JOIN (SELECT $1 AS saga_id, $2::int AS generation, $3::int AS step_index) AS op
    ON saga.saga_id = op.saga_id
  WHERE ${FORWARD_FENCE}`;

const WITHDRAW = `
  UPDATE saga_state AS saga SET cleared = cleared + 1
  FROM unnest($1::text[], $2::int[], $3::int[]) AS op(saga_id, generation, step_index)
  WHERE saga.saga_id = op.saga_id AND ${FORWARD_FENCE} AND saga.check_ins > saga.cleared`;

/** How often, and how far apart in milliseconds, an entry is tried again whose saga's row is held by another. */
const CONTENDED_TRIES = 10;
const CONTENDED_REST_MS = 50;

/** @param wanted What others are told of. */
export function createJournal(sql: SqlRunner, onFlush?: OnFlush, wanted?: WantedNotices): Journal {
  const progress = createGroupCommit<Entry, ProgressRow | undefined>({
    commit: (entries) => within(STATEMENT_MS, 'PostgreSQL', commitProgress(sql, 'many', entries, wanted)),
    keyOf: (entry) => entry.sagaId,
    isShared: isInfrastructureFault,
    onFlush,
  });
  const withdraw = async (refs: readonly FlowStep[]) => {
    const noted = sql.$executeRawUnsafe(
      WITHDRAW,
      refs.map(({ sagaId }) => sagaId),
      refs.map(({ generation }) => generation),
      refs.map(({ stepIndex }) => stepIndex),
    );
    await within(STATEMENT_MS, 'PostgreSQL', noted);
  };
  const ahead = createAhead(withdraw);
  const submit = async (entry: Entry) => {
    for (let tries = 0; tries < CONTENDED_TRIES; tries += 1) {
      const row = await progress.submit(entry);
      if (row?.contended !== true) return row;
      await sleep(CONTENDED_REST_MS * (tries + 1));
    }
    throw new InfrastructureError(`Saga ${entry.sagaId} is held by another transaction`);
  };
  return {
    checkIn: async (entry) => {
      const checkedIn = ahead.take(entry);
      if (checkedIn.kind === 'granted') return checkedIn;
      const unused = checkedIn.kind === 'unused';
      return checkInResult(entry, await submit({ ...entry, kind: 'check-in', unused }));
    },
    record: async ({ next, ...entry }) => {
      const askedAt = performance.now();
      const row = await submit({ ...entry, kind: 'record', ...(next && ahead.isOpen() ? { next } : {}) });
      if (row?.ahead === true) ahead.keep({ ...entry, stepIndex: entry.stepIndex + 1 }, grantOf(row), askedAt);
      return recordResult(entry, row);
    },
    enterIn: async (tx, { sagaId, generation, stepIndex }, idleMs) => {
      const values = [sagaId, generation, stepIndex, String(idleMs)];
      const [row] = await tx.$queryRawUnsafe<{ alone: boolean }[]>(ENTER, ...values);
      requireTurn(sagaId, row);
      return row !== undefined;
    },
    withdraw: (ref) => withdraw([ref]),
    settle: () => ahead.settle(),
    recordIn: async (tx, entry) => {
      const [row] = await commitProgress(tx, 'one', [{ ...entry, kind: 'record' }], wanted);
      return recordResult(entry, row);
    },
  };
}

function checkInResult(entry: CheckIn, row: ProgressRow | undefined): CheckInResult {
  if (!row?.fenced) return { kind: isPast(entry, row) ? 'done' : isExpired(entry, row) ? 'expired' : 'refused' };
  return grantOf(row);
}

function grantOf(row: ProgressRow): Grant {
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
  if (row?.fenced)
    return row.status === 'COMPLETED' ? { kind: 'recorded', completedAfterMs: row.age_ms } : { kind: 'recorded' };
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

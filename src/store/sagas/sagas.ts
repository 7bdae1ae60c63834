import type { SqlClient, SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import type { WantedNotices } from '../../core/notice.ts';
import type { SagaRecord } from '../../core/record.ts';
import type { Registry } from '../../core/registry.ts';
import type { Change } from './changes.ts';
import { changed } from './changes.ts';
import { InfrastructureError, isExpiredTransaction, isInfrastructureFault } from '../fault.ts';
import { NOW_UTC } from '../fence.ts';
import { createGroupCommit } from '../group-commit.ts';
import type { LoadedSaga } from './loaded-saga.ts';
import { readSagas } from './loaded-saga.ts';
import { noteTask } from './notices.ts';
import type { NewTask } from './tasks.ts';
import { openTask } from './tasks.ts';
import type { StatusChange, Telling } from './telling.ts';
import { createTelling } from './telling.ts';
import { transact } from '../transact.ts';
import { STATEMENT_MS, within } from '../within.ts';

/** The number of a saga's flow. */
export interface FlowNumber {
  readonly sagaId: string;
  readonly generation: number;
}

/** What is made of a saga: an answer, and what changes with it. */
export interface Ruling<R> {
  readonly answer: R;
  readonly change?: Change;
}

/** Has no effect but its answer: it may be asked twice. */
export type Rule<R> = (saga: LoadedSaga) => Ruling<R>;

export interface SagaStore {
  /** What is asked for together is read together. */
  load(sagaId: string): Promise<LoadedSaga | undefined>;
  /** Holds the saga's row, asks `rule`, and writes the change that it answers, if any. Sagas that are ruled on at the same
   *  time are committed together. Throws UNKNOWN_SAGA, and what `rule` throws. */
  change<R>(sagaId: string, rule: Rule<R>): Promise<R>;
  /** Runs `work` in a transaction that holds the saga's row: what it reads stays true until it commits. It is short, or an
   *  `InfrastructureError` ends it. */
  withLock<R>(sagaId: string, work: (tx: SqlRunner, saga: LoadedSaga) => Promise<R>): Promise<R>;
  /** The saga, with its row locked until `tx` ends. */
  lock(tx: SqlRunner, sagaId: string): Promise<LoadedSaga>;
  /** Writes a change of the locked saga. Throws a `StaleEventError` where its event does not fit. */
  apply(tx: SqlRunner, saga: LoadedSaga, change: Change): Promise<SagaRecord>;
  /** Opens a task in the transaction of what it is about, and answers its id. */
  openTask(tx: SqlRunner, task: NewTask): Promise<string>;
  /** Call it when a transaction of the caller's own with an `apply` has committed: tells what that changed. */
  committed(tx: SqlRunner): void;
  /** Gives each flow the next number, if it still has this one and its saga has not ended. Answers which did. */
  nextGenerations(sql: SqlRunner, flows: readonly FlowNumber[]): Promise<ReadonlySet<string>>;
}

const LOCK_BOUNDS = { maxWait: 10_000, timeout: 15_000 } as const;
const LIMIT_MS = LOCK_BOUNDS.maxWait + LOCK_BOUNDS.timeout;

/** @param onChange Told of every change of a status but to COMPLETED, which the journal records. Must not throw.
 *  @param wanted What others are told of. */
export function createSagaStore(
  sql: SqlClient,
  registry: Registry,
  onChange: (change: StatusChange) => void = () => undefined,
  wanted?: WantedNotices,
): SagaStore {
  const telling = createTelling(onChange, wanted);
  const apply: SagaStore['apply'] = async (tx, saga, change) => {
    const written = changed(saga, change);
    await telling.write(tx, [written]);
    return written.after;
  };
  const loads = createGroupCommit<string, LoadedSaga | undefined>({
    commit: async (sagaIds) => {
      const sagas = await within(STATEMENT_MS, 'PostgreSQL', readSagas(sql, registry, sagaIds, 'read'));
      return sagaIds.map((sagaId) => sagas.get(sagaId));
    },
    keyOf: (sagaId) => sagaId,
    isShared: isInfrastructureFault,
  });
  const lock = async (tx: SqlRunner, sagaId: string) => {
    const saga = (await readSagas(tx, registry, [sagaId], 'lock')).get(sagaId);
    if (!saga) throw new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`);
    return saga;
  };
  const withLock = async <R>(sagaId: string, work: (tx: SqlRunner, saga: LoadedSaga) => Promise<R>): Promise<R> => {
    return hold(sql, telling, `Saga ${sagaId}`, async (tx) => work(tx, await lock(tx, sagaId)));
  };
  const changes = createGroupCommit({
    commit: (entries: readonly ChangeEntry[]) =>
      hold(sql, telling, 'A batch of sagas', (tx) => ruleOn(tx, { registry, telling }, entries)),
    keyOf: ({ sagaId }) => sagaId,
    isShared: isInfrastructureFault,
  });
  return {
    load: (sagaId) => loads.submit(sagaId),
    change: async (sagaId, rule) => {
      let ruling: ReturnType<typeof rule> | undefined;
      const entry = { sagaId, rule: (saga: LoadedSaga) => (ruling = rule(saga)) };
      if ((await changes.submit(entry)) && ruling) return ruling.answer;
      return withLock(sagaId, async (tx, saga) => {
        const { answer, change } = rule(saga);
        if (change) await apply(tx, saga, change);
        return answer;
      });
    },
    withLock,
    lock,
    apply,
    openTask: async (tx, task) => {
      const taskId = await openTask(tx, task);
      await noteTask(tx, wanted, task.sagaId, taskId);
      return taskId;
    },
    committed: telling.committed,
    nextGenerations,
  };
}

/** A transaction that holds rows of sagas: it is short. */
async function hold<R>(
  sql: SqlClient,
  telling: Telling,
  what: string,
  work: (tx: SqlRunner) => Promise<R>,
): Promise<R> {
  const transaction = transact(sql, LOCK_BOUNDS, async (tx) => ({ tx, result: await work(tx) }));
  try {
    const { tx, result } = await within(LIMIT_MS, 'PostgreSQL', transaction);
    telling.committed(tx);
    return result;
  } catch (error) {
    if (!isExpiredTransaction(error)) throw error;
    throw new InfrastructureError(`${what} was held by another for too long`, { cause: error });
  }
}

interface ChangeEntry {
  readonly sagaId: string;
  readonly rule: Rule<unknown>;
}

/** Answers false for a saga that has to be dealt with alone: another holds its row, there is none, or the rule threw. */
async function ruleOn(
  tx: SqlRunner,
  { registry, telling }: { readonly registry: Registry; readonly telling: Telling },
  entries: readonly ChangeEntry[],
): Promise<readonly boolean[]> {
  const ids = entries.map(({ sagaId }) => sagaId);
  const sagas = await readSagas(tx, registry, ids, 'lock the free');
  const changes = entries.map(({ sagaId, rule }) => changesBy(rule, sagas.get(sagaId)));
  await telling.write(
    tx,
    changes.flatMap((change) => change ?? []),
  );
  return changes.map((change) => change !== undefined);
}

function changesBy(rule: Rule<unknown>, saga: LoadedSaga | undefined) {
  if (!saga) return undefined;
  try {
    const { change } = rule(saga);
    return change ? [changed(saga, change)] : [];
  } catch {
    return undefined;
  }
}

async function nextGenerations(sql: SqlRunner, flows: readonly FlowNumber[]): Promise<ReadonlySet<string>> {
  const rows = await sql.$queryRawUnsafe<{ saga_id: string }[]>(
    `UPDATE saga_state AS saga SET generation = saga.generation + 1, updated_at = ${NOW_UTC}
     FROM unnest($1::text[], $2::int[]) AS op(saga_id, generation)
     WHERE saga.saga_id = op.saga_id AND saga.generation = op.generation
       AND saga.status IN ('RUNNING', 'COMPENSATING')
     RETURNING saga.saga_id`,
    flows.map(({ sagaId }) => sagaId),
    flows.map(({ generation }) => generation),
  );
  return new Set(rows.map((row) => row.saga_id));
}

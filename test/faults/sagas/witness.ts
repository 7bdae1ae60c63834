import type { SqlClient, SqlRunner } from '../../../src/index.ts';

export interface StaleLock {
  readonly sagaId: string;
  readonly generation: number;
  readonly current: number;
}

/**
 * A client for a saga's transactions that sees which generation the fence lets record: `onStale` hears of one that is not
 * the saga's own any more. The saga's row is locked then, so what it says is so.
 */
export function witness(client: SqlClient, onStale: (lock: StaleLock) => Promise<unknown>): SqlClient {
  return {
    $queryRawUnsafe: (query, ...values) => client.$queryRawUnsafe(query, ...values),
    $executeRawUnsafe: (query, ...values) => client.$executeRawUnsafe(query, ...values),
    $transaction: (work, options) => client.$transaction((tx) => work(watched(tx, onStale)), options),
  };
}

/**
 * The same for what is recorded in batches, outside of any transaction of the saga: it goes through the very client that the
 * runner is given. A transaction's own client has the function too, and calls it as its own.
 */
export function watchBatches(client: SqlClient, onStale: (lock: StaleLock) => Promise<unknown>): void {
  const ask = client.$queryRawUnsafe;
  const watchedAsk = async function (this: SqlClient, query: string, ...values: unknown[]): Promise<unknown> {
    const rows = await ask.call(this, query, ...values);
    await reportStale(rows, values, onStale);
    return rows;
  };
  Object.assign(client, { $queryRawUnsafe: watchedAsk });
}

/** What the fence let through: the columns of a batch begin with sagas and generations; rows tell the sagas as they are. */
interface Recorded {
  readonly saga_id: string;
  readonly fenced: boolean;
  readonly generation: number;
}

async function reportStale(
  rows: unknown,
  [sagaIds, generations]: readonly unknown[],
  onStale: (lock: StaleLock) => Promise<unknown>,
): Promise<void> {
  if (!Array.isArray(rows) || !Array.isArray(sagaIds) || !Array.isArray(generations)) return;
  for (const { saga_id: sagaId = '', fenced, generation: current = 0 } of rows as Partial<Recorded>[]) {
    const generation = Number(generations[sagaIds.indexOf(sagaId)]);
    if (fenced === true && current !== generation) await onStale({ sagaId, generation, current });
  }
}

function watched(tx: SqlRunner, onStale: (lock: StaleLock) => Promise<unknown>): SqlRunner {
  return {
    $executeRawUnsafe: (query, ...values) => tx.$executeRawUnsafe(query, ...values),
    $queryRawUnsafe: async <T>(query: string, ...values: unknown[]): Promise<T> => {
      const rows = await tx.$queryRawUnsafe<T>(query, ...values);
      await reportStale(rows, values, onStale);
      return rows;
    },
  };
}

import type { SqlClient, SqlRunner } from '../../src/index.ts';

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

/** The record of a step in its transaction: the columns of a batch of one, and the saga's row as it is locked. */
interface Recorded {
  readonly saga_id: string;
  readonly fenced: boolean;
  readonly generation: number;
}

function watched(tx: SqlRunner, onStale: (lock: StaleLock) => Promise<unknown>): SqlRunner {
  return {
    $executeRawUnsafe: (query, ...values) => tx.$executeRawUnsafe(query, ...values),
    $queryRawUnsafe: async <T>(query: string, ...values: unknown[]): Promise<T> => {
      const rows = await tx.$queryRawUnsafe<T>(query, ...values);
      const [, generations] = values;
      const [row] = (Array.isArray(rows) ? rows : []) as Partial<Recorded>[];
      if (!Array.isArray(generations) || row?.fenced !== true) return rows;
      const { saga_id: sagaId = '', generation: current = 0 } = row;
      const generation = Number(generations[0]);
      if (current !== generation) await onStale({ sagaId, generation, current });
      return rows;
    },
  };
}

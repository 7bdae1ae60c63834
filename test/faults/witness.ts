import type { SqlClient, SqlRunner } from '../../src/index.ts';

export interface StaleLock {
  readonly sagaId: string;
  readonly generation: number;
  readonly current: number;
}

/**
 * A client for a saga's transactions that sees which generation the fence lets through: `onStale` hears of one that is not
 * the saga's own any more. The saga's row is locked then, so what it says is so.
 */
export function witness(client: SqlClient, onStale: (lock: StaleLock) => Promise<unknown>): SqlClient {
  return {
    $queryRawUnsafe: (query, ...values) => client.$queryRawUnsafe(query, ...values),
    $executeRawUnsafe: (query, ...values) => client.$executeRawUnsafe(query, ...values),
    $transaction: (work, options) => client.$transaction((tx) => work(watched(tx, onStale)), options),
  };
}

function watched(tx: SqlRunner, onStale: (lock: StaleLock) => Promise<unknown>): SqlRunner {
  return {
    $executeRawUnsafe: (query, ...values) => tx.$executeRawUnsafe(query, ...values),
    $queryRawUnsafe: async <T>(query: string, ...values: unknown[]): Promise<T> => {
      const rows = await tx.$queryRawUnsafe<T>(query, ...values);
      const [sagaId, generation] = values;
      const locked = query.includes('FOR UPDATE OF saga') && Array.isArray(rows) && rows.length === 1;
      if (!locked || typeof sagaId !== 'string' || typeof generation !== 'number') return rows;
      const current = await generationOf(tx, sagaId);
      if (current !== generation) await onStale({ sagaId, generation, current });
      return rows;
    },
  };
}

async function generationOf(tx: SqlRunner, sagaId: string): Promise<number> {
  const [row] = await tx.$queryRawUnsafe<{ generation: number }[]>(
    `SELECT generation FROM saga_state WHERE saga_id = $1`,
    sagaId,
  );
  return row?.generation ?? 0;
}

import { expect, test } from '@jest/globals';
import type { SqlClient, SqlRunner } from '../../src/core/definition.ts';
import { isInfrastructureFault } from '../../src/store/fault.ts';
import { transact } from '../../src/store/transact.ts';

const BOUNDS = { maxWait: 1, timeout: 1 };
const lost = () => Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
const fails = async () => {
  throw lost();
};

/** A client that loses its connection before the work, or after it. */
function client(when: 'before' | 'after' | 'never'): SqlClient {
  return {
    $transaction: async (work: (tx: SqlRunner) => Promise<unknown>) => {
      if (when === 'before') throw lost();
      const result = await work({} as SqlRunner);
      if (when === 'after') throw lost();
      return result;
    },
  } as unknown as SqlClient;
}

const errorOf = (run: Promise<unknown>) => run.then(() => undefined).catch((error: unknown) => error);

test.each(['before', 'after'] as const)(
  "a connection lost %s the work of a transaction is the database's",
  async (when) => {
    const error = await errorOf(transact(client(when), BOUNDS, async () => 'done'));
    expect(isInfrastructureFault(error)).toBe(true);
  },
);

test('a connection that the work itself loses is its own', async () => {
  const error = await errorOf(transact(client('never'), BOUNDS, fails));
  expect([isInfrastructureFault(error), (error as Error).message]).toEqual([false, 'write EPIPE']);
});

import type { SqlClient, SqlRunner } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import { InfrastructureError, isLostConnection } from './fault.ts';

/**
 * A transaction whose beginning and whose commit fail as infrastructure when the connection is lost: Prisma then hands on
 * the socket's own error, which looks like that of any other system. What `work` throws is thrown as it is.
 */
export async function transact<R>(
  sql: SqlClient,
  bounds: { readonly maxWait: number; readonly timeout: number },
  work: (tx: SqlRunner) => Promise<R>,
): Promise<R> {
  let inWork = false;
  try {
    return await sql.$transaction(async (tx) => {
      inWork = true;
      const result = await work(tx);
      inWork = false;
      return result;
    }, bounds);
  } catch (error) {
    if (inWork || !isLostConnection(error)) throw error;
    throw new InfrastructureError(`The connection was lost: ${messageOf(error)}`, { cause: error });
  }
}

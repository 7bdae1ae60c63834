import type { SqlRunner } from '../../core/definition.ts';

/** The `traceparent` of the span in which a saga was started; null where nothing was traced. */
export async function readTraceParent(sql: SqlRunner, sagaId: string): Promise<string | null> {
  const [row] = await sql.$queryRawUnsafe<{ trace_parent: string | null }[]>(
    `SELECT trace_parent FROM saga_state WHERE saga_id = $1`,
    sagaId,
  );
  return row?.trace_parent ?? null;
}

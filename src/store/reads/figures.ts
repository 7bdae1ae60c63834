import type { SqlRunner } from '../../core/definition.ts';
import type { SagaStatus } from '../../core/status.ts';
import type { TaskKind } from '../views.ts';

/** What has not ended, and what waits for a person. Partial indexes find them, however many sagas have ended. */
export interface Figures {
  /** `FAILED` is parked. Types and statuses of which there is none are missing. */
  readonly unfinished: readonly { readonly type: string; readonly status: SagaStatus; readonly count: number }[];
  readonly openTasks: readonly { readonly kind: TaskKind; readonly count: number }[];
}

export const UNFINISHED = `
  SELECT saga_type AS type, status, count(*)::int AS count FROM saga_state
  WHERE status IN ('RUNNING', 'COMPENSATING') GROUP BY saga_type, status
  UNION ALL
  SELECT saga_type, status, count(*)::int FROM saga_state WHERE status = 'FAILED' GROUP BY saga_type, status`;

const OPEN_TASKS = `SELECT kind, count(*)::int AS count FROM operator_task WHERE status = 'open' GROUP BY kind`;

export async function readFigures(sql: SqlRunner): Promise<Figures> {
  const unfinished = await sql.$queryRawUnsafe<Figures['unfinished']>(UNFINISHED);
  return { unfinished, openTasks: await sql.$queryRawUnsafe<Figures['openTasks']>(OPEN_TASKS) };
}

import type { SagaDefinition } from '../../core/definition.ts';
import { backoffMs } from '../../core/judge.ts';
import type { OpenTask, Outlook } from '../../core/next.ts';
import type { Ending } from '../../core/status.ts';
import type { StepRow } from '../sagas/loaded-saga.ts';
import { recordOf } from '../sagas/loaded-saga.ts';
import type { SummaryRow } from './summary.ts';

interface OutlookRow extends SummaryRow {
  readonly definition: readonly string[];
  readonly generation: number;
  readonly ending: Ending | null;
  readonly check_ins: number;
  readonly cleared: number;
  readonly wait_until: Date | null;
}

interface Task extends OpenTask {
  readonly status: 'open' | 'resolved';
}

/** What is to come of a saga, of its rows. */
export function outlookOf(
  definition: SagaDefinition | undefined,
  row: OutlookRow,
  steps: ReadonlyMap<string, StepRow>,
  tasks: readonly Task[],
): Outlook {
  const step = definition?.steps.find(({ name }) => name === row.current_step);
  return {
    record: recordOf(definition, row, steps),
    openTasks: tasks.filter(({ status }) => status === 'open'),
    failedAttempts: row.retry_count,
    maxAttempts: step?.attempts ?? null,
    retryAt: step ? retryTime(row, step.backoffMs) : null,
    waitUntil: row.wait_until,
    timeoutAt: row.timeout_at,
    failedUndos: new Map([...steps].map(([name, { compensation_attempts: attempts }]) => [name, attempts])),
  };
}

/** Where the failed attempt is known not to have acted and no run has begun since, its failure was the last that was written. */
function retryTime({ retry_count, check_ins, cleared, updated_at }: OutlookRow, baseMs: number): Date | null {
  if (retry_count === 0 || check_ins !== cleared) return null;
  return new Date(updated_at.getTime() + backoffMs(baseMs, retry_count));
}

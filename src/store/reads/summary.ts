import type { SagaStatus } from '../../core/status.ts';
import type { SagaSummary } from '../views.ts';

export interface SummaryRow {
  readonly id: bigint;
  readonly saga_id: string;
  readonly saga_type: string;
  readonly status: SagaStatus;
  readonly current_step: string;
  readonly step_index: number;
  readonly error_message: string | null;
  readonly reason: string | null;
  readonly retry_count: number;
  readonly started_at: Date;
  readonly updated_at: Date;
  readonly completed_at: Date | null;
  readonly timeout_at: Date | null;
}

export const SUMMARY_COLUMNS = `id, saga_id, saga_type, status, current_step, step_index, error_message, reason, retry_count,
  started_at, updated_at, completed_at, timeout_at`;

export function summary(row: SummaryRow): SagaSummary {
  return {
    sagaId: row.saga_id,
    type: row.saga_type,
    status: row.status,
    currentStep: row.current_step,
    stepIndex: row.step_index,
    error: row.error_message,
    reason: row.reason,
    retryCount: row.retry_count,
    startedAt: row.started_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    completedAt: isoTime(row.completed_at),
    timeoutAt: isoTime(row.timeout_at),
  };
}

export function isoTime(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

/** Where a saga stands. `FAILED` is parked: a person has to act. The last four but `FAILED` never change again. */
export type SagaStatus = 'RUNNING' | 'COMPENSATING' | 'FAILED' | 'COMPLETED' | 'COMPENSATED' | 'TIMEOUT' | 'CANCELLED';

/** What a saga is called once everything is undone: a step failed, its deadline passed, or someone asked. */
export type Ending = 'COMPENSATED' | 'TIMEOUT' | 'CANCELLED';

/** `FAILED`: certainly did not act. `UNKNOWN`: may have acted. `SKIPPED`: was never begun when its saga turned back. */
export type StepStatus = 'PENDING' | 'DONE' | 'FAILED' | 'UNKNOWN' | 'COMPENSATED' | 'COMPENSATION_FAILED' | 'SKIPPED';

export const SAGA_STATUSES: readonly SagaStatus[] = [
  'RUNNING',
  'COMPENSATING',
  'FAILED',
  'COMPLETED',
  'COMPENSATED',
  'TIMEOUT',
  'CANCELLED',
];

/** A saga of this status has come to its end; nothing changes it any more. */
export function isTerminal(status: SagaStatus): boolean {
  return status !== 'RUNNING' && status !== 'COMPENSATING' && status !== 'FAILED';
}

/** Where a saga stands. `FAILED` is parked: a person has to act. `ABANDONED`: a person gave it up as it stood, with what it had
 *  done. All but the first three never change again. */
export type SagaStatus =
  'RUNNING' | 'COMPENSATING' | 'FAILED' | 'COMPLETED' | 'COMPENSATED' | 'TIMEOUT' | 'CANCELLED' | 'ABANDONED';

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
  'ABANDONED',
];

/** A saga of this status has come to its end; nothing changes it any more. */
export function isTerminal(status: SagaStatus): boolean {
  return status !== 'RUNNING' && status !== 'COMPENSATING' && status !== 'FAILED';
}

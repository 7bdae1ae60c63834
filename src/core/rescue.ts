import type { FailedCompensation } from './definition.ts';
import { executeKey, rescueKey, undoKey } from './keys.ts';
import type { Registry } from './registry.ts';
import type { NewSaga } from './request.ts';
import { newSaga } from './request.ts';
import type { SagaStatus } from './status.ts';
import { isTerminal } from './status.ts';

/** How a saga that was started in place of a failed compensation stands. */
export interface RescueState {
  readonly sagaId: string;
  readonly status: SagaStatus;
}

export type FailureFacts = Omit<FailedCompensation<unknown>, 'executeKey' | 'undoKey'>;

/**
 * The saga that its definition names for a compensation that failed for good, ready to be started; undefined where it names
 * none. Throws what the definition's `input` throws, and a `RunnerError` where its answer is none that the saga takes.
 */
export function rescueOf(registry: Registry, failed: FailureFacts, inputLimitBytes: number): NewSaga | undefined {
  const { sagaId, step, type } = failed;
  const rescue = registry.get(type)?.rescue;
  if (rescue === undefined) return undefined;
  const facts = { ...failed, executeKey: executeKey(sagaId, step), undoKey: undoKey(sagaId, step) };
  const request = rescue.input(facts as never);
  if (request === undefined) return undefined;
  const idempotencyKey = rescueKey(sagaId, step);
  return newSaga(registry, rescue.type, request, { idempotencyKey, inputLimitBytes }).saga;
}

/** It may still do, or has done, what the compensation could not: nobody else must. */
export function isInCharge({ status }: RescueState): boolean {
  return status === 'COMPLETED' || !isTerminal(status);
}

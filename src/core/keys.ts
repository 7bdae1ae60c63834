import { randomUUID } from 'node:crypto';

/** `payment_refund-<uuid>`: the lower-cased type, then a UUID. */
export function newSagaId(type: string): string {
  return `${type.toLowerCase()}-${randomUUID()}`;
}

/** The same at every attempt, so that a provider moves money once. */
export function executeKey(sagaId: string, step: string): string {
  return `${sagaId}:${step}:do`;
}

/** The undo's own key: a provider must not take a refund for the charge it undoes. */
export function undoKey(sagaId: string, step: string): string {
  return `${sagaId}:${step}:undo`;
}

/** The idempotency key of a step's rescue: it is started once. At most 195 characters. */
export function rescueKey(sagaId: string, step: string): string {
  return `${sagaId}:${step}:rescue`;
}

/** The name of a step's job in one generation of its saga's flow. BullMQ ids must not contain `:`. */
export function stepJobId(sagaId: string, generation: number, step: string): string {
  return `${sagaId}.g${generation}.${step}`;
}

export function compensationJobId(sagaId: string, generation: number, step: string): string {
  return `${stepJobId(sagaId, generation, step)}.undo`;
}

export function outcomeJobId(sagaId: string, generation: number): string {
  return `${sagaId}.g${generation}`;
}

/** One queue for all steps of all sagas that have no limits: faster and fairer than a queue a step. */
export const STEPS = 'saga-steps';
export const COMPENSATIONS = 'saga-compensations';
export const OUTCOMES = 'saga-outcomes';
/** The application's events, relayed from the outbox. */
export const EVENTS = 'events';

export const QUEUE_NAMES = [STEPS, COMPENSATIONS, OUTCOMES, EVENTS] as const;
/** Those with a dot are lanes: `saga-steps.<TYPE>` and `saga-steps.<TYPE>.<STEP>`, and so for compensations. */
export type QueueName = (typeof QUEUE_NAMES)[number] | `${typeof STEPS | typeof COMPENSATIONS}.${string}`;

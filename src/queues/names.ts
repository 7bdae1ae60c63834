/** One queue for all steps of all sagas that have no limits: faster and fairer than a queue a step. */
export const STEPS = 'saga-steps';
export const COMPENSATIONS = 'saga-compensations';
export const OUTCOMES = 'saga-outcomes';
/** The application's events, relayed from the outbox. */
export const EVENTS = 'events';
/** What is told to others of sagas and tasks: see `processors/notice.ts`. */
export const NOTICES = 'notices';

export const QUEUE_NAMES = [STEPS, COMPENSATIONS, OUTCOMES, EVENTS, NOTICES] as const;
/** The others take a worker's time, but no slots of sagas. */
export const isSagaQueue = (name: string): boolean => name !== EVENTS && name !== NOTICES;

/** Those with a dot are lanes: `saga-steps.<TYPE>` and `saga-steps.<TYPE>.<STEP>`, and so for compensations. */
export type QueueName = (typeof QUEUE_NAMES)[number] | `${typeof STEPS | typeof COMPENSATIONS}.${string}`;

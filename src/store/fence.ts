/** The time of the database, in UTC, as the timestamp columns keep it. */
export const NOW_UTC = `timezone('utc', now())`;
/** How long ago a saga started, in milliseconds. */
export const AGE_MS = `(extract(epoch FROM ${NOW_UTC} - saga.started_at) * 1000)::float8`;

/**
 * Proves that a forward write still speaks for its saga: it runs, in this generation of its flow, and the written step
 * is the one to run next. `op` is the row of the write. Every forward write has it, and no other condition takes its
 * place.
 */
export const FORWARD_FENCE = `saga.status = 'RUNNING' AND saga.generation = op.generation AND saga.steps_done = op.step_index`;

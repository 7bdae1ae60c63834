import type { Log } from '../core/log.ts';
import type { SqlClient } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { PendingEvent } from '../store/outbox.ts';
import { findUnconsumed, markConsumed } from '../store/outbox.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';
import type { Destination } from './relay.ts';
import { addTo, jobIdOf } from './relay.ts';

const REST_MS = 5_000;
/** An event is looked after when it was relayed this long ago, in milliseconds, and nobody said that it was consumed. */
const QUIET_MS = 5_000;
const BATCH = 200;

export interface RedeliveryContext {
  readonly sql: SqlClient;
  readonly backend: Pick<QueueBackend, 'ready'>;
  readonly destination: Destination;
  readonly log: Log;
}

/**
 * Relays again what vanished from the queue of events, or of notices, before it was consumed: a wiped Redis, or somebody who
 * emptied the queue, must not lose an event. One that a foreign worker completed is taken for consumed.
 */
export function startRedelivery(context: RedeliveryContext): Loop {
  let cursor = '0';
  return startLoop(async () => {
    try {
      await context.backend.ready();
      const events = await findUnconsumed(context.sql, context.destination.kind, cursor, QUIET_MS, BATCH);
      await lookAfter(context, events);
      cursor = events.length === BATCH ? (events.at(-1)?.id ?? '0') : '0';
    } catch (error) {
      context.log.warn({ err: messageOf(error) }, 'events not looked after');
    }
    return REST_MS;
  });
}

async function lookAfter({ sql, destination, log }: RedeliveryContext, events: readonly PendingEvent[]): Promise<void> {
  const states = await Promise.all(events.map((event) => destination.queue.getJobState(jobIdOf(destination, event))));
  const completed = events.filter((_, index) => states[index] === 'completed');
  const vanished = events.filter((_, index) => states[index] === 'unknown');
  if (completed.length > 0)
    await markConsumed(
      sql,
      completed.map(({ key }) => key),
    );
  if (vanished.length === 0) return;
  await addTo(destination, vanished);
  log.warn(
    { queue: destination.queue.name, events: vanished.length, first: vanished[0]?.key },
    'events vanished from the queue, relayed again',
  );
}

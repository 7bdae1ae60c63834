import type { Queue } from 'bullmq';
import type { Logger } from 'pino';
import type { SqlClient } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { EventJob } from '../queues/jobs.ts';
import type { PendingEvent } from '../store/outbox.ts';
import { relayPending } from '../store/outbox.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

const POLL_MS = 500;
const RETRY_MS = 1_000;
const BATCH = 200;
/** A crash between the add and the mark adds an event again: as long as its job is kept, that does nothing. */
const KEEP = { age: 3_600, count: 10_000 } as const;
/** Those that were given up are tried anew when others take their place: the redelivery misses them. */
const KEEP_FAILED = { count: 10_000 } as const;

export const eventJobId = (id: string) => `event-${id}`;

/** Moves events from the outbox to the `events` queue, in order, at least once. Every worker process runs one. */
export function startRelay(sql: SqlClient, backend: QueueBackend, queue: Queue, log: Logger): Loop {
  return startLoop(async () => {
    try {
      await backend.ready();
      const relayed = await relayPending(sql, BATCH, (events) => addEvents(queue, events));
      return relayed === BATCH ? 0 : POLL_MS;
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'events not relayed');
      return RETRY_MS;
    }
  });
}

/** An event that is in the queue already, also as a completed or failed job, is not added once more. */
export async function addEvents(queue: Queue, events: readonly PendingEvent[]): Promise<void> {
  await queue.addBulk(
    events.map(({ id, name, key, payload }) => ({
      name,
      data: { name, key, payload } satisfies EventJob,
      opts: {
        jobId: eventJobId(id),
        attempts: 20,
        backoff: { type: 'exponential', delay: 500 },
        removeOnComplete: KEEP,
        removeOnFail: KEEP_FAILED,
        stackTraceLimit: 3,
      },
    })),
  );
}

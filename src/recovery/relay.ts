import type { Queue } from 'bullmq';
import type { Logger } from 'pino';
import type { SqlClient } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { EventJob } from '../queues/jobs.ts';
import type { PendingEvent } from '../store/outbox.ts';
import { relayPending } from '../store/outbox.ts';

const POLL_MS = 500;
const RETRY_MS = 1_000;
const BATCH = 200;
/** A crash between the add and the mark adds an event again: as long as its job is kept, that does nothing. */
const KEEP = { age: 3_600, count: 10_000 } as const;

export interface Relay {
  /** Look now: events were written. */
  nudge(): void;
  close(): Promise<void>;
}

/** Moves events from the outbox to the `events` queue, in order, at least once. Every worker process runs one. */
export function startRelay(sql: SqlClient, backend: QueueBackend, queue: Queue, log: Logger): Relay {
  let closing = false;
  let nudged = false;
  let wake: () => void = () => undefined;

  async function run(): Promise<void> {
    while (!closing) {
      nudged = false;
      const restMs = await relayOnce();
      if (!closing && !nudged && restMs > 0) await rest(restMs);
    }
  }

  async function relayOnce(): Promise<number> {
    try {
      await backend.ready();
      const relayed = await relayPending(sql, BATCH, (events) => addEvents(queue, events));
      return relayed === BATCH ? 0 : POLL_MS;
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'events not relayed');
      return RETRY_MS;
    }
  }

  function rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const nudge = () => {
    nudged = true;
    wake();
  };
  const ended = run();
  return {
    nudge,
    close: () => {
      closing = true;
      wake();
      return ended;
    },
  };
}

async function addEvents(queue: Queue, events: readonly PendingEvent[]): Promise<void> {
  await queue.addBulk(
    events.map(({ id, name, key, payload }) => ({
      name,
      data: { name, key, payload } satisfies EventJob,
      opts: {
        jobId: `event-${id}`,
        attempts: 20,
        backoff: { type: 'exponential', delay: 500 },
        removeOnComplete: KEEP,
        stackTraceLimit: 3,
      },
    })),
  );
}

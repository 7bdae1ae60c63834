import type { JobsOptions, Queue } from 'bullmq';
import type { Log } from '../core/log.ts';
import type { SqlClient } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { EventJob, NoticeJob, StoredNotice } from '../queues/jobs.ts';
import type { Queues } from '../queues/queues.ts';
import type { PendingEvent } from '../store/outbox.ts';
import { isNotice, relayPending } from '../store/outbox.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

const POLL_MS = 500;
const RETRY_MS = 1_000;
const BATCH = 200;
/** A crash between the add and the mark adds an event again: as long as its job is kept, that does nothing. */
const KEEP = { age: 3_600, count: 10_000 } as const;
/** Those that were given up are tried anew when others take their place: the redelivery misses them. */
const KEEP_FAILED = { count: 10_000 } as const;
const COMMON: JobsOptions = { removeOnComplete: KEEP, removeOnFail: KEEP_FAILED, stackTraceLimit: 3 };
const EVENT: JobsOptions = { ...COMMON, attempts: 20, backoff: { type: 'exponential', delay: 500 } };
/** After 5 s, 10 s, 20 s and so on: 23 hours in all. */
const NOTICE: JobsOptions = { ...COMMON, attempts: 15, backoff: { type: 'exponential', delay: 5_000 } };

/** Where a part of the outbox goes. */
export interface Destination {
  readonly kind: 'events' | 'notices';
  readonly queue: Queue;
}

/** Where everything in the outbox goes. Without webhooks nobody is told: notices of other times are left. */
export function destinations({ events, notices }: Pick<Queues, 'events' | 'notices'>): readonly Destination[] {
  return [{ kind: 'events', queue: events }, ...(notices ? [{ kind: 'notices', queue: notices } as const] : [])];
}

export const jobIdOf = ({ kind }: Destination, { id }: Pick<PendingEvent, 'id'>): string =>
  kind === 'events' ? `event-${id}` : `notice-${id}`;

/** Moves events and notices from the outbox to their queues, in order, at least once. Every worker process runs one. */
export function startRelay(sql: SqlClient, backend: QueueBackend, to: readonly Destination[], log: Log): Loop {
  return startLoop(async () => {
    try {
      await backend.ready();
      const relayed = await relayPending(sql, BATCH, async (pending) => {
        await Promise.all(to.map((destination) => addTo(destination, pending.filter(isFor(destination)))));
      });
      return relayed === BATCH ? 0 : POLL_MS;
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'events not relayed');
      return RETRY_MS;
    }
  });
}

const isFor =
  ({ kind }: Destination) =>
  (event: PendingEvent) =>
    isNotice(event) === (kind === 'notices');

/** What is in the queue already, also as a completed or failed job, is not added once more. */
export async function addTo(destination: Destination, events: readonly PendingEvent[]): Promise<void> {
  if (events.length === 0) return;
  const jobOf = destination.kind === 'events' ? eventJob : noticeJob;
  await destination.queue.addBulk(
    events.map((event) => {
      const { name, data, opts } = jobOf(event);
      return { name, data, opts: { ...opts, jobId: jobIdOf(destination, event) } };
    }),
  );
}

function eventJob({ name, key, payload }: PendingEvent) {
  return { name, data: { name, key, payload } satisfies EventJob, opts: EVENT };
}

function noticeJob({ key, payload }: PendingEvent) {
  const stored = payload as StoredNotice;
  return { name: stored.notice.event, data: { ...stored, key } satisfies NoticeJob, opts: NOTICE };
}

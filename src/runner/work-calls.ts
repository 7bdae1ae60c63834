import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { systemClock } from '../clock.ts';
import { createSlots } from '../processors/slots.ts';
import type { Work, WorkOptions } from '../processors/workers.ts';
import { startEventWorker, startSagaWorkers } from '../processors/workers.ts';
import { startHandOver } from '../recovery/hand-over.ts';
import { startRecovery } from '../recovery/recovery.ts';
import { createJournal } from '../store/journal/journal.ts';
import { waits } from '../store/sagas/waits.ts';
import type { Runner } from './interface.ts';
import type { Parts } from './parts.ts';

const RETENTION_MS = 30 * 24 * 3_600_000;
const AUDIT_RETENTION_MS = 365 * 24 * 3_600_000;

type WorkCalls = Pick<Runner, 'work' | 'watchWorkers' | 'consume' | 'close'>;

/** What runs in this process, and its end. */
export function workCalls(parts: Parts): WorkCalls {
  const { sql, backend, log, meter } = parts.repair;
  // At most 63 bytes with a queue's name: PostgreSQL cuts longer names of connections.
  const name = `${process.pid}-${randomBytes(8).toString('hex')}`;
  const working = new Set<Work>();
  let watchingOver: Work | undefined;
  const track = (work: Work): Work => {
    working.add(work);
    return work;
  };
  const watchWorkers = () => {
    watchingOver ??= startHandOver({ queues: parts.queues.list, backend, log, meter });
  };
  return {
    watchWorkers,
    work: async (options = {}) => {
      watchWorkers();
      return track(startWork(parts, name, options));
    },
    consume: async (handlers) => {
      watchWorkers();
      return track(startEventWorker(backend, { sql, name, handlers, log, meter }));
    },
    close: async () => {
      await Promise.all([...working].map((work) => work.close()));
      await watchingOver?.close();
      await parts.close();
    },
  };
}

/** The workers, and what runs beside them. */
function startWork(parts: Parts, name: string, options: WorkOptions): Work {
  const { repair, resolving, queues, compensations, ownIn, outputLimitBytes, noteFlush, wanted } = parts;
  const { prisma, webhooks, retentionMs = RETENTION_MS, auditRetentionMs = AUDIT_RETENTION_MS } = parts.options;
  const stop = new AbortController();
  // Every running step listens to it.
  setMaxListeners(0, stop.signal);
  const retention = { retentionMs, auditRetentionMs };
  const { watch, onEventsWritten, close: closeRecovery } = startRecovery({ ...repair, resolving, queues, retention });
  const journal = createJournal(repair.sql, noteFlush('steps'), wanted);
  const context = {
    ...repair,
    prisma,
    ownIn,
    compensations,
    watch,
    onEventsWritten,
    outputLimitBytes,
    stopping: stop.signal,
    journal,
    waits,
    clock: systemClock,
    transactions: createSlots(options.transactions ?? 10, stop.signal),
  };
  const workers = startSagaWorkers(repair.backend, context, stop, { ...options, name, lanes: queues.lanes, webhooks });
  return {
    close: async () => {
      await Promise.all([workers.close(), journal.settle()]);
      await closeRecovery();
    },
  };
}

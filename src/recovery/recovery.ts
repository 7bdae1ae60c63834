import type { Queue } from 'bullmq';
import type { Watch } from '../processors/context.ts';
import type { QueueBackend } from '../queues/backend.ts';
import { startCleaner } from './cleaner.ts';
import { startLeftovers } from './leftovers.ts';
import type { ReconcilerContext } from './reconciler.ts';
import { startReconciler } from './reconciler.ts';
import { startRedelivery } from './redelivery.ts';
import { startRelay } from './relay.ts';
import { startWatch } from './watch.ts';

export interface RecoveryContext extends ReconcilerContext {
  readonly backend: QueueBackend;
  readonly queues: Record<'compensations' | 'events', Queue>;
  /** How long finished sagas are kept, in milliseconds. */
  readonly retentionMs: number;
}

/** Everything that runs beside the workers of a process. */
export interface Recovery {
  readonly watch: Watch;
  /** Relays at once what a transaction has just written. */
  readonly onEventsWritten: () => void;
  close(): Promise<void>;
}

export function startRecovery(context: RecoveryContext): Recovery {
  const { sql, backend, queues, retentionMs, log } = context;
  const relay = startRelay(sql, backend, queues.events, log);
  const watch = startWatch(sql, log);
  const loops = [
    relay,
    watch,
    startReconciler(context),
    startRedelivery({ ...context, queue: queues.events }),
    startLeftovers({ ...context, compensations: queues.compensations }),
    startCleaner(sql, retentionMs, log),
  ];
  return {
    watch,
    onEventsWritten: relay.nudge,
    close: async () => {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}

import type { Watch } from '../processors/context.ts';
import type { QueueBackend } from '../queues/backend.ts';
import { COMPENSATIONS } from '../queues/names.ts';
import type { Queues } from '../queues/queues.ts';
import type { Retention } from './cleaner.ts';
import { startCleaner } from './cleaner.ts';
import type { GroupRetriesContext } from './group-retries.ts';
import { startGroupRetries } from './group-retries.ts';
import { startLeftovers } from './leftovers.ts';
import type { ReconcilerContext } from './reconciler.ts';
import { startReconciler } from './reconciler.ts';
import { startRedelivery } from './redelivery.ts';
import { destinations, startRelay } from './relay.ts';
import type { RescuesContext } from './rescues.ts';
import { startRescues } from './rescues.ts';
import { startWatch } from './watch.ts';

export interface RecoveryContext extends ReconcilerContext, GroupRetriesContext, RescuesContext {
  readonly backend: QueueBackend;
  readonly queues: Pick<Queues, 'compensations' | 'events' | 'notices' | 'lanes'>;
  readonly retention: Retention;
}

/** Everything that runs beside the workers of a process. */
export interface Recovery {
  readonly watch: Watch;
  /** Relays at once what a transaction has just written. */
  readonly onEventsWritten: () => void;
  close(): Promise<void>;
}

export function startRecovery(context: RecoveryContext): Recovery {
  const { sql, backend, queues, retention, log } = context;
  const to = destinations(queues);
  const relay = startRelay(sql, backend, to, log);
  const watch = startWatch(sql, log);
  const undone = queues.lanes.filter(({ side }) => side === COMPENSATIONS).map(({ queue }) => queue);
  const loops = [
    relay,
    watch,
    startReconciler(context),
    startGroupRetries(context),
    startRescues(context),
    ...to.map((destination) => startRedelivery({ ...context, destination })),
    ...[queues.compensations, ...undone].map((compensations) => startLeftovers({ ...context, compensations })),
    startCleaner(sql, retention, log),
  ];
  return {
    watch,
    onEventsWritten: relay.nudge,
    close: async () => {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}

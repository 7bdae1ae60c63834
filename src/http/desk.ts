import { readSignals } from '../autoscaling/signals.ts';
import { RunnerError, messageOf } from '../core/errors.ts';
import type { QueueView } from '../queues/queue-counts.ts';
import { readQueueView } from '../queues/queue-counts.ts';
import type { Runner } from '../runner/interface.ts';
import { sharedRead } from '../store/reads/shared-read.ts';
import type { Overview, OverviewWindow } from '../store/views.ts';
import { within } from '../store/within.ts';

/** What the console's first page shows. Those who look at the same time have one read. */
export interface Desk {
  overview(window: OverviewWindow): Promise<Overview>;
  /** Rejects with QUEUES_UNAVAILABLE. */
  queues(): Promise<readonly QueueView[]>;
}

const KEEP_MS = 1_000;
/** How long the queues may take, in milliseconds. */
const ANSWER_MS = 2_000;
const PARKED = 10;

export function createDesk(runner: Pick<Runner, 'queues' | 'oldestReadyMs' | 'overview' | 'list'>): Desk {
  const keep = () => KEEP_MS;
  const oldestReadyMs = sharedRead(() => runner.oldestReadyMs(), keep);
  // While the queues are away, the rest is shown; that they are is kept, too.
  const signals = sharedRead(() => readSignals(runner).catch(() => ({ workers: null, backlog: null })), keep);
  const parked = sharedRead(() => runner.list({ status: 'FAILED', limit: PARKED }), keep);
  return {
    overview: async (window) => {
      const [figures, readyMs, { workers, backlog }, { items }] = await Promise.all([
        runner.overview(window),
        oldestReadyMs(),
        signals(),
        parked(),
      ]);
      return { ...figures, oldestReadyMs: readyMs, workers, backlog, parkedSagas: items };
    },
    queues: sharedRead(() => within(ANSWER_MS, 'the queues', readQueues(runner)).catch(unavailable), keep),
  };
}

async function readQueues({ queues }: Pick<Runner, 'queues'>): Promise<readonly QueueView[]> {
  // BullMQ's own calls would wait for a connection instead of failing.
  await queues.ping();
  return Promise.all(queues.list().map(readQueueView));
}

function unavailable(error: unknown): never {
  throw new RunnerError('QUEUES_UNAVAILABLE', `The queues are out of reach: ${messageOf(error)}`, { cause: error });
}

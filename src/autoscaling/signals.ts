import type { Queue } from 'bullmq';
import { messageOf, RunnerError } from '../core/errors.ts';
import { COMPENSATIONS, OUTCOMES, STEPS, isSagaQueue } from '../queues/names.ts';
import type { Runner } from '../runner/interface.ts';
import { within } from '../store/within.ts';
import type { Bounds, Load } from './policy.ts';
import { desiredWorkers } from './policy.ts';

export interface Signals extends Load {
  /** The workers that are connected and take jobs; 0 where the store of the jobs does not tell, as some providers' Redis. */
  readonly workers: number;
}

/** What a cluster is told: the signals, and how many workers they ask for. */
export interface ScalingView extends Signals, Bounds {
  readonly desiredWorkers: number;
}

export type SignalSource = Pick<Runner, 'queues' | 'oldestReadyMs'>;

/** How long the queues and PostgreSQL may take for their part, in milliseconds. */
const ANSWER_MS = 2_000;

/**
 * Reads what scaling depends on. Cheap enough for once a second. Rejects with a `RunnerError`: `QUEUES_UNAVAILABLE` or
 * `DATABASE_UNAVAILABLE`.
 */
export async function readSignals(runner: SignalSource): Promise<Signals> {
  const [queues, oldestReadyMs] = await Promise.all([
    within(ANSWER_MS, 'the queues', readQueues(runner)).catch((error: unknown) => {
      throw new RunnerError('QUEUES_UNAVAILABLE', `The queues are out of reach: ${messageOf(error)}`, { cause: error });
    }),
    within(ANSWER_MS, 'PostgreSQL', runner.oldestReadyMs()),
  ]);
  return { ...queues, oldestReadyMs };
}

export function scalingView(signals: Signals, { min, max, slotsPerWorker }: Bounds): ScalingView {
  const bounds = { min, max, slotsPerWorker };
  return { ...signals, ...bounds, desiredWorkers: desiredWorkers({ ...signals, ...bounds }) };
}

async function readQueues({ queues }: SignalSource): Promise<Omit<Signals, 'oldestReadyMs'>> {
  // BullMQ's own calls would wait for a connection instead of failing.
  await queues.ping();
  const sagaQueues = queues.list().filter(({ name }) => isSagaQueue(name));
  const [workers, ...loads] = await Promise.all([countWorkers(sagaQueues), ...sagaQueues.map(readQueue)]);
  return {
    workers,
    backlog: sum(loads, ({ active, wanting }) => active + wanting),
    active: sum(loads, ({ active }) => active),
    waiting: sum(loads, ({ waiting }) => waiting),
  };
}

const sum = <T>(items: readonly T[], numberOf: (item: T) => number) =>
  items.reduce((total, item) => total + numberOf(item), 0);

/** Each worker process has one worker on this queue. */
async function countWorkers(queues: readonly Queue[]): Promise<number> {
  const workers = await queues.find(({ name }) => name === STEPS)?.getWorkers();
  // Where the clients cannot be listed, BullMQ answers one without a name of its own.
  return workers?.filter(({ rawname }) => rawname !== undefined).length ?? 0;
}

interface QueueLoad {
  readonly active: number;
  /** Ready jobs without a slot that another worker could take. */
  readonly wanting: number;
  /** Those of them that are not in a limited queue. */
  readonly waiting: number;
}

/** The queues that no limit holds up: any other was made for one. */
const UNLIMITED: ReadonlySet<string> = new Set([STEPS, COMPENSATIONS, OUTCOMES]);

async function readQueue(queue: Queue): Promise<QueueLoad> {
  const [counts, dueDelayed, concurrency] = await Promise.all([
    queue.getJobCounts('active', 'waiting', 'prioritized'),
    queue.getDelayedCount(Date.now()),
    queue.getGlobalConcurrency(),
  ]);
  const { active = 0, waiting = 0, prioritized = 0 } = counts;
  const ready = waiting + prioritized + dueDelayed;
  if (concurrency === null && UNLIMITED.has(queue.name)) return { active, wanting: ready, waiting: ready };
  // Whether its jobs wait for slots or for the limit cannot be seen from here. Counted as twice what it runs, a queue that lacks
  // slots doubles them until it has enough, and one at its limit asks for no more than twice what the limit lets it use.
  const room = Math.max(0, (concurrency ?? Infinity) - active);
  return { active, wanting: Math.min(ready, room, Math.max(1, active)), waiting: 0 };
}

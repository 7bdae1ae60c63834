import { Gauge, Registry } from 'prom-client';
import { STEPS, isSagaQueue } from '../queues/names.ts';
import type { Figures } from '../store/reads/figures.ts';
import { sharedRead } from '../store/reads/shared-read.ts';
import { within } from '../store/within.ts';
import type { ProcessMetrics, ScrapeSource } from './prometheus.ts';

/** What a scrape reads of PostgreSQL and the queues: a `Runner` has it. */
export interface ScrapeTarget {
  figures(): Promise<Figures>;
  oldestReadyMs(): Promise<number>;
  readonly queues: { list(): readonly CountableQueue[]; ping(): Promise<void> };
}

interface CountableQueue {
  readonly name: string;
  getJobCounts(...states: JobState[]): Promise<Readonly<Record<string, number>>>;
  getDelayedCount(end?: number): Promise<number>;
  getWorkers(): Promise<readonly { readonly rawname?: string }[]>;
}

const STATES = ['waiting', 'prioritized', 'active', 'delayed', 'waiting-children', 'failed'] as const;
type JobState = (typeof STATES)[number];

/** How long a part of a scrape may take, in milliseconds; Prometheus itself waits for ten seconds. */
const LIMIT_MS = 2_000;
const KEEP_MS = 1_000;

/** Shows what it has read. */
type Show = (registry: Registry) => void;

/** Gauges of what all processes share. Read when they are asked for, at most once a second and one read at a time: a server
 *  that does not answer is not asked once more meanwhile. What cannot be read is left out, and counted. */
export function createGauges(target: ScrapeTarget, metrics: ProcessMetrics): () => Promise<Registry> {
  const part = (source: ScrapeSource, read: () => Promise<Show>) => ({ source, read: sharedRead(read, () => KEEP_MS) });
  const parts = [
    part('database', async () => showFigures(await target.figures(), metrics)),
    part('database', async () => showReady(await target.oldestReadyMs())),
    part('queues', async () => showQueues(await readQueues(target), await countWorkers(target))),
  ];
  return async () => {
    const registry = new Registry();
    const show = async ({ source, read }: (typeof parts)[number]) => {
      try {
        (await within(LIMIT_MS, source, read()))(registry);
      } catch {
        metrics.scrapeFailed(source);
      }
    };
    await Promise.all(parts.map(show));
    return registry;
  };
}

/** The same wherever it is read: of several processes the largest is shown, not their sum. */
function gauge<L extends string>(registry: Registry, name: string, help: string, labelNames: readonly L[] = []) {
  return new Gauge({ name, help, labelNames, registers: [registry], aggregator: 'max' });
}

const showFigures =
  ({ unfinished, openTasks }: Figures, { labels }: ProcessMetrics): Show =>
  (registry) => {
    const live = gauge(registry, 'saga_unfinished', 'Sagas that run or are being undone', ['type', 'status']);
    const parked = gauge(registry, 'saga_parked', 'Sagas that wait for a person', ['type']);
    for (const type of labels.types) {
      parked.set({ type }, 0);
      for (const status of ['RUNNING', 'COMPENSATING']) live.set({ type, status }, 0);
    }
    for (const { type: name, status, count } of unfinished) {
      const type = labels.ofType(name);
      if (status === 'FAILED') parked.inc({ type }, count);
      else live.inc({ type, status }, count);
    }
    const tasks = gauge(registry, 'backstep_open_tasks', 'Operator tasks that nobody has resolved', ['kind']);
    for (const { kind, count } of openTasks) tasks.set({ kind }, count);
  };

const showReady =
  (oldestReadyMs: number): Show =>
  (registry) =>
    gauge(
      registry,
      'backstep_oldest_ready_age_seconds',
      'How long the oldest step has been ready without having begun',
    ).set(oldestReadyMs / 1_000);

interface QueueCounts {
  readonly queue: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly dueDelayed: number;
}

async function readQueues({ queues }: ScrapeTarget): Promise<readonly QueueCounts[]> {
  // BullMQ's own calls would wait for a connection instead of failing.
  await queues.ping();
  return Promise.all(
    queues.list().map(async (queue) => ({
      queue: queue.name,
      counts: await queue.getJobCounts(...STATES),
      dueDelayed: await queue.getDelayedCount(Date.now()),
    })),
  );
}

/** Each worker process has one worker on this queue. */
async function countWorkers({ queues }: ScrapeTarget): Promise<number> {
  const workers = await queues
    .list()
    .find(({ name }) => name === STEPS)
    ?.getWorkers();
  // Where the clients cannot be listed, BullMQ answers one without a name of its own.
  return workers?.filter(({ rawname }) => rawname !== undefined).length ?? 0;
}

const showQueues =
  (queues: readonly QueueCounts[], workers: number): Show =>
  (registry) => {
    const jobs = gauge(registry, 'backstep_jobs', 'Jobs by queue and state', ['queue', 'state']);
    for (const { queue, counts } of queues) for (const state of STATES) jobs.set({ queue, state }, counts[state] ?? 0);
    const backlog = queues.filter(({ queue }) => isSagaQueue(queue)).reduce((sum, queue) => sum + wanting(queue), 0);
    gauge(registry, 'backstep_backlog_jobs', "Jobs of sagas that have a worker's slot or want one").set(backlog);
    gauge(registry, 'backstep_workers', 'Worker processes that are connected to the queues').set(workers);
  };

function wanting({ counts, dueDelayed }: QueueCounts): number {
  return (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0) + (counts['active'] ?? 0) + dueDelayed;
}

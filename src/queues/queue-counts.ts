import type { Queue } from 'bullmq';

export interface QueueView {
  readonly name: string;
  readonly paused: boolean;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly prioritized: number;
  readonly failed: number;
  readonly completed: number;
  /** Workers that take its jobs; null where the store of the jobs does not list its clients. */
  readonly workers: number | null;
}

/** How many jobs are in a queue, and who takes them. */
export async function readQueueView(queue: Queue): Promise<QueueView> {
  const [counts, paused, workers] = await Promise.all([
    queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'failed', 'completed'),
    queue.isPaused(),
    countWorkers(queue),
  ]);
  const { waiting = 0, active = 0, delayed = 0, prioritized = 0, failed = 0, completed = 0 } = counts;
  return { name: queue.name, paused, waiting, active, delayed, prioritized, failed, completed, workers };
}

/** Where the clients cannot be listed, BullMQ answers one without a name of its own. */
async function countWorkers(queue: Queue): Promise<number | null> {
  const workers: readonly { readonly rawname?: string }[] = await queue.getWorkers();
  return workers.some(({ rawname }) => rawname === undefined) ? null : workers.length;
}

import type { Processor } from 'bullmq';
import type { Log } from '../core/log.ts';
import { messageOf } from '../core/errors.ts';
import type { WorkerSettings } from '../queues/backend.ts';
import { limiterOf } from '../queues/lanes.ts';
import type { OpenLane } from '../queues/queues.ts';
import { InfrastructureError } from '../store/fault.ts';
import { delayJob, withRest } from './job-control.ts';

/** How long a job rests that came over the limit, in milliseconds. */
const OVER_LIMIT_DELAY_MS = 1_000;
/** A slot that a stopping process frees is seen at the next look, in seconds. */
const DRAIN_DELAY_S = 1;

/** The rate goes with each worker. How many run at once is a number in Redis: see `withinLimits`. */
export function laneSettings({ limits }: OpenLane, settings: WorkerSettings & { readonly concurrency: number }) {
  const { concurrency = settings.concurrency, perSecond } = limits;
  return {
    ...settings,
    drainDelay: DRAIN_DELAY_S,
    concurrency: Math.min(concurrency, settings.concurrency),
    ...(perSecond === undefined ? {} : { limiter: limiterOf(perSecond) }),
  };
}

/**
 * Lets a lane's jobs run while the queue knows its limit and keeps it. A wiped Redis has forgotten the number, and gives out
 * jobs without one: whoever gets such a job tells it the number, and puts the job to sleep with no attempt used. Looked at
 * from there on, no more jobs are active than the limit, and BullMQ gives out no more.
 */
export function withinLimits<T>(lane: OpenLane, log: Log, processor: Processor<T>): Processor<T> {
  const tell = tellOnce(lane);
  // What Redis does not hear now it hears before the first job.
  tell().catch((error: unknown) => log.debug({ queue: lane.name, err: messageOf(error) }, 'limit not told'));
  return async (job, token, signal) => {
    const within = await withRest(job, token, log, () => reachable(() => isWithin(lane, tell)));
    if (within) return processor(job, token, signal);
    log.warn({ queue: lane.name, jobId: job.id }, 'job came over the limit, delayed');
    return delayJob(job, token, OVER_LIMIT_DELAY_MS);
  };
}

/** In this order: of the jobs that are active once the limit is there, none has come over it after that. */
async function isWithin({ queue, limits }: OpenLane, tell: (again?: boolean) => Promise<void>): Promise<boolean> {
  await tell();
  if (limits.concurrency === undefined) return true;
  const limit = await queue.getGlobalConcurrency();
  if (limit === null) await tell(true);
  return (await queue.getActiveCount()) <= (limit ?? limits.concurrency);
}

/** A process says its limit once, when it starts: after that the one that started last, with the newest code, is right. */
function tellOnce({ queue, limits }: OpenLane): (again?: boolean) => Promise<void> {
  let told: Promise<unknown> | undefined;
  return async (again = false) => {
    if (again) told = undefined;
    told ??=
      limits.concurrency === undefined
        ? queue.removeGlobalConcurrency()
        : queue.setGlobalConcurrency(limits.concurrency);
    try {
      await told;
    } catch (error) {
      told = undefined;
      throw error;
    }
  };
}

/** A queue that cannot be asked is none of the step's failures. */
async function reachable<R>(ask: () => Promise<R>): Promise<R> {
  try {
    return await ask();
  } catch (error) {
    throw new InfrastructureError(`The queues are out of reach: ${messageOf(error)}`, { cause: error });
  }
}

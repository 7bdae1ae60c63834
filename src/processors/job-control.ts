import type { Job } from 'bullmq';
import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import type { Log } from '../core/log.ts';
import { messageOf } from '../core/errors.ts';
import { InfrastructureError, isInfrastructureFault } from '../store/fault.ts';
import { HandBackError } from './bounded.ts';
import { UnknownCodeError } from './context.ts';

/** How long a job rests when the database is out of reach, or when no code for it is here, in milliseconds. */
const INFRASTRUCTURE_DELAY_MS = 1_000;
const UNKNOWN_CODE_DELAY_MS = 5_000;

/** Puts the job to sleep without using an attempt. Never returns: the error tells BullMQ that the job has moved. */
export async function delayJob(job: Job, token: string | undefined, ms: number): Promise<never> {
  try {
    await job.moveToDelayed(Date.now() + ms, requireToken(job, token));
  } catch (error) {
    // As when its lock is lost: no failure of whatever the job has done before.
    throw new InfrastructureError(`Job ${job.id} could not be put to sleep: ${messageOf(error)}`, { cause: error });
  }
  throw new DelayedError();
}

/**
 * Lets BullMQ try the job again after its own backoff. Where BullMQ has counted more attempts than the database, which
 * a failover can do, the job is put to sleep instead: the database counts the attempts that matter.
 */
export async function retryJob(job: Job, token: string | undefined, error: unknown, delayMs: number): Promise<never> {
  if (job.attemptsMade + 1 >= (job.opts.attempts ?? 1)) return delayJob(job, token, delayMs);
  throw error;
}

/** Ends the job as failed, whatever attempts BullMQ has left for it. */
export function failJob(message: string): never {
  throw new UnrecoverableError(message);
}

/** Turns errors that are not the step's own into a rest for its job. */
export async function withRest<R>(job: Job, token: string | undefined, log: Log, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HandBackError) {
      await job.moveToWait(requireToken(job, token));
      throw new WaitingError();
    }
    if (error instanceof UnknownCodeError) {
      log.warn({ jobId: job.id, err: messageOf(error) }, 'no code for job');
      return delayJob(job, token, UNKNOWN_CODE_DELAY_MS);
    }
    if (isInfrastructureFault(error)) {
      log.warn({ jobId: job.id, err: messageOf(error) }, 'database out of reach, job delayed');
      return delayJob(job, token, INFRASTRUCTURE_DELAY_MS);
    }
    throw error;
  }
}

/** Without its token a move would not check that the job is still this worker's. */
function requireToken(job: Job, token: string | undefined): string {
  if (token === undefined) throw new Error(`Job ${job.id} came without a lock token`);
  return token;
}

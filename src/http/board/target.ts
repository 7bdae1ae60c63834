import type { Job, Queue } from 'bullmq';
import { COMPENSATIONS, EVENTS, NOTICES, OUTCOMES, STEPS } from '../../queues/names.ts';
import { refused } from '../refusals.ts';

/** What the jobs of a queue are: `flow` are those of steps and outcomes. */
export type JobKind = 'flow' | 'compensation' | 'event' | 'notice';

/** What an action of the dashboard is about, as far as its path names it. */
export interface Target {
  readonly queue?: Queue;
  readonly kind?: JobKind;
  readonly job?: Job;
  /** BullMQ's state of the job, or the one whose jobs all are meant. */
  readonly state?: string;
  readonly sagaId?: string;
}

/** Finds the queue and the job that a path names. Throws what the dashboard would answer where there is none. */
export async function findTarget(
  queues: readonly Queue[],
  params: Readonly<Record<string, string | string[] | undefined>>,
): Promise<Target> {
  const { queueName, jobId, queueStatus } = params;
  if (typeof queueName !== 'string') return {};
  const queue = queues.find(({ name }) => name === queueName);
  if (!queue) throw refused('UNKNOWN_QUEUE', `There is no queue ${queueName}`);
  const found = { queue, kind: kindOf(queueName) };
  if (typeof queueStatus === 'string') return { ...found, state: queueStatus };
  if (typeof jobId !== 'string') return found;
  const job = (await queue.getJob(jobId)) as Job | undefined;
  if (!job) throw refused('UNKNOWN_JOB', `There is no job ${jobId} in ${queueName}: it may have ended`);
  const sagaId = sagaOf(job.data);
  return { ...found, job, state: await job.getState(), ...(sagaId === undefined ? {} : { sagaId }) };
}

function kindOf(queueName: string): JobKind {
  if (queueName === EVENTS) return 'event';
  if (queueName === NOTICES) return 'notice';
  if (queueName === STEPS || queueName === OUTCOMES) return 'flow';
  return queueName === COMPENSATIONS || queueName.startsWith(`${COMPENSATIONS}.`) ? 'compensation' : 'flow';
}

/** The saga that a job belongs to, by what it carries. */
export function sagaOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('sagaId' in data)) return undefined;
  return typeof data.sagaId === 'string' ? data.sagaId : undefined;
}

/** Where the console shows a saga, below the mount. */
export const sagaPath = (sagaId: string) => `/console/sagas/${encodeURIComponent(sagaId)}`;
/** The same as a link of the dashboard's page: its `<base>` is `BOARD_PATH`. */
export const sagaLink = (sagaId: string) => `../..${sagaPath(sagaId)}`;

import type { Queue } from 'bullmq';
import { compensationJobId, stepJobId } from '../core/keys.ts';
import type { Registry } from '../core/registry.ts';
import type { QueueBackend } from './backend.ts';
import type { FlowRef } from './jobs.ts';
import type { Side } from './lanes.ts';
import { everyQueueFor, queueFor } from './lanes.ts';
import { COMPENSATIONS, STEPS } from './names.ts';
import type { Queues } from './queues.ts';

/** Where a flow's jobs are. A job stays in the queue it was added to, also when a deployment gives its step other limits. */
export interface Places {
  /** The queues that may have a step's job, and its id there. */
  ofStep(ref: FlowRef, step: string): readonly { readonly queue: Queue; readonly id: string }[];
  /** The same of its compensation. */
  ofCompensation(ref: FlowRef, step: string): readonly { readonly queue: Queue; readonly id: string }[];
  isStepAlive(ref: FlowRef, step: string): Promise<boolean>;
  isCompensationAlive(ref: FlowRef, step: string): Promise<boolean>;
}

export const ALIVE: ReadonlySet<string> = new Set(['waiting', 'active', 'delayed', 'prioritized']);

export function createPlaces(
  backend: Pick<QueueBackend, 'lockOf'>,
  { list }: Pick<Queues, 'list'>,
  registry: Registry,
): Places {
  const open = new Map<string, Queue>(list.map((queue) => [queue.name, queue]));

  /** The queue of today's definition first, then others that are worked here. */
  const queuesFor = (side: Side, type: string, step: string) => {
    const today = queueFor(side, registry.get(type), step);
    const names = new Set([today, ...everyQueueFor(side, type, step)]);
    return [...names].flatMap((name) => open.get(name) ?? []);
  };
  /** In the lanes of another deployment nothing goes on, but for what its own workers are doing right now. */
  const isRunElsewhere = async (side: Side, type: string, step: string, jobId: string) => {
    const names = everyQueueFor(side, type, step).filter((name) => !open.has(name));
    const locks = await Promise.all(names.map((name) => backend.lockOf(name, jobId)));
    return locks.some((token) => token !== undefined);
  };
  const isAlive = async (side: Side, type: string, step: string, jobId: string) => {
    for (const queue of queuesFor(side, type, step)) if (ALIVE.has(await queue.getJobState(jobId))) return true;
    return isRunElsewhere(side, type, step, jobId);
  };
  return {
    ofStep: ({ sagaId, type, generation }, step) =>
      queuesFor(STEPS, type, step).map((queue) => ({ queue, id: stepJobId(sagaId, generation, step) })),
    ofCompensation: ({ sagaId, type, generation }, step) =>
      queuesFor(COMPENSATIONS, type, step).map((queue) => ({ queue, id: compensationJobId(sagaId, generation, step) })),
    isStepAlive: ({ sagaId, type, generation }, step) =>
      isAlive(STEPS, type, step, stepJobId(sagaId, generation, step)),
    isCompensationAlive: ({ sagaId, type, generation }, step) =>
      isAlive(COMPENSATIONS, type, step, compensationJobId(sagaId, generation, step)),
  };
}

import type { Queue } from 'bullmq';
import { QUEUE_NAMES } from '../../../src/queues/names.ts';
import { eventually } from '../../support/eventually.ts';
import type { FaultKind } from './fault.ts';

/** `which` is from 0 to 1: where there are several jobs to choose from, it chooses. */
type Accident = (queue: Queue, which: number) => Promise<unknown>;

const CLEANED = ['wait', 'delayed', 'failed', 'completed', 'active'] as const;
const REMOVABLE = ['wait', 'delayed', 'failed', 'waiting-children', 'completed'] as const;
const AT_MOST = 1_000;

/** What a person can do to the queues with a few clicks. */
export const DASHBOARD_FAULTS: readonly FaultKind[] = [
  ...CLEANED.map((state) => accident(`dashboard cleans ${state}`, (queue) => queue.clean(0, AT_MOST, state))),
  accident('dashboard empties', (queue) => queue.drain(true)),
  accident('dashboard obliterates', (queue) => queue.obliterate({ force: true })),
  accident('dashboard removes a job', removeOne),
  accident('dashboard promotes all', (queue) => queue.promoteJobs()),
  accident('dashboard retries failed', (queue) => queue.retryJobs({ state: 'failed' })),
  accident('dashboard retries completed', (queue) => queue.retryJobs({ state: 'completed' })),
  {
    name: 'dashboard pauses',
    weight: 1,
    plan: (random) => {
      const [name, forMs] = [random.pick(QUEUE_NAMES), random.integer(500, 3_000)];
      return {
        what: `${name} for ${forMs} ms`,
        lanes: ['dashboard'],
        forMs,
        strike: async (rig) => {
          await rig.withQueue(name, (queue) => queue.pause());
          await rig.rest(forMs);
          await eventually(() => rig.withQueue(name, (queue) => queue.resume()).then(() => true));
        },
      };
    },
  },
];

function accident(name: string, act: Accident): FaultKind {
  return {
    name,
    weight: 1,
    plan: (random) => {
      const [queueName, which] = [random.pick(QUEUE_NAMES), random.fraction()];
      return {
        what: queueName,
        // Only where Redis answers can anybody do it.
        lanes: ['dashboard', 'redis'],
        forMs: 200,
        strike: (rig) => rig.withQueue(queueName, (queue) => act(queue, which)).then(() => undefined),
      };
    },
  };
}

async function removeOne(queue: Queue, which: number): Promise<void> {
  const jobs = await queue.getJobs([...REMOVABLE], 0, AT_MOST);
  await jobs[Math.floor(which * jobs.length)]?.remove();
}

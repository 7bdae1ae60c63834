import { expect, test } from '@jest/globals';
import type { Queue } from 'bullmq';
import { readSignals } from '../../src/autoscaling/signals.ts';

interface Jobs {
  readonly active: number;
  readonly waiting: number;
  readonly concurrency?: number;
}

const queueOf = (name: string, { active, waiting, concurrency }: Jobs) =>
  ({
    name,
    getJobCounts: () => Promise.resolve({ active, waiting, prioritized: 0 }),
    getDelayedCount: () => Promise.resolve(0),
    getGlobalConcurrency: () => Promise.resolve(concurrency ?? null),
    getWorkers: () => Promise.resolve([{ name, rawname: 'bull:x:w:1-a' }]),
  }) as unknown as Queue;

const signalsOf = (queues: Readonly<Record<string, Jobs>>) =>
  readSignals({
    queues: {
      list: () => Object.entries(queues).map(([name, jobs]) => queueOf(name, jobs)),
      ping: () => Promise.resolve(),
    },
    oldestReadyMs: () => Promise.resolve(0),
  });

test('what any queue of sagas has is counted, and events are not', async () => {
  const queues = {
    'saga-steps': { active: 50, waiting: 400 },
    'saga-compensations': { active: 3, waiting: 4 },
    'saga-outcomes': { active: 0, waiting: 1 },
    events: { active: 10, waiting: 900 },
  };
  expect(await signalsOf(queues)).toMatchObject({ backlog: 458, active: 53, waiting: 405, workers: 1 });
});

test.each<[string, Jobs, number]>([
  ['begins with one', { active: 0, waiting: 1_000 }, 1],
  ['may double', { active: 50, waiting: 1_000 }, 100],
  ['has not more than there is', { active: 50, waiting: 7 }, 57],
  ['stays within its limit', { active: 50, waiting: 1_000, concurrency: 60 }, 60],
  ['that is over its limit takes no more', { active: 50, waiting: 1_000, concurrency: 10 }, 50],
])('a queue with limits %s', async (_name, jobs, backlog) => {
  expect(await signalsOf({ 'saga-steps.TYPE.STEP': jobs })).toMatchObject({ backlog, active: jobs.active, waiting: 0 });
});

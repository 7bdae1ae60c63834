import type { ScrapeTarget } from '../../src/metrics/gauges.ts';

/** Tables and queues without servers: some of everything. TRIP is known to the tests, RETIRED is not. */
export function scrapeTarget(overrides: Partial<ScrapeTarget> = {}): ScrapeTarget {
  return {
    figures: () =>
      Promise.resolve({
        unfinished: [
          { type: 'TRIP', status: 'RUNNING', count: 3 },
          { type: 'TRIP', status: 'FAILED', count: 2 },
          { type: 'RETIRED', status: 'FAILED', count: 1 },
        ],
        openTasks: [{ kind: 'MANUAL_COMPENSATION', count: 3 }],
      }),
    oldestReadyMs: () => Promise.resolve(1_500),
    queues: {
      ping: () => Promise.resolve(),
      list: () => [
        {
          name: 'saga-steps',
          getJobCounts: () => Promise.resolve({ waiting: 5, active: 2, delayed: 9 }),
          getDelayedCount: () => Promise.resolve(1),
          getWorkers: () => Promise.resolve([{ rawname: 'one' }, { rawname: 'two' }, {}]),
        },
        {
          name: 'events',
          getJobCounts: () => Promise.resolve({ waiting: 100 }),
          getDelayedCount: () => Promise.resolve(0),
          getWorkers: () => Promise.resolve([]),
        },
      ],
    },
    ...overrides,
  };
}

import type { Sample } from './sample.ts';

interface Measure {
  readonly of: (sample: Sample) => number;
  /** How often the first third's median the last third's may be: a leak of a hundred bytes a saga is seen in 200,000. */
  readonly allowed: number;
}

/** What a process holds for the system moves by itself; what is in use after a collection does not. */
const MEASURES: Readonly<Record<string, Measure>> = {
  Redis: { of: ({ redisBytes }) => redisBytes, allowed: 1.2 },
  'worker heap': { of: ({ workerHeap }) => workerHeap, allowed: 1.2 },
  'starter heap': { of: ({ starterHeap }) => starterHeap, allowed: 1.2 },
  'worker rss': { of: ({ workerRss }) => workerRss, allowed: 1.3 },
  'starter rss': { of: ({ starterRss }) => starterRss, allowed: 1.3 },
  'rows, by sagas a second': { of: ({ rows, sagasPerSecond }) => rows / sagasPerSecond, allowed: 1.5 },
};

export interface Growth {
  readonly what: string;
  readonly ratio: number;
  readonly allowed: number;
}

export function growthOf(samples: readonly Sample[]): readonly Growth[] {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return Object.entries(MEASURES).map(([what, { of, allowed }]) => {
    const ratio = median(samples.slice(-third).map(of)) / median(samples.slice(0, third).map(of));
    return { what, ratio, allowed };
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

import type { Sample } from './sample.ts';

/** How much more the last third may have than the first: a leak of a hundred bytes a saga is seen in 200,000. Rows depend
 *  on how fast sagas ended in the seconds before. */
const ALLOWED: Readonly<Record<keyof Sample, number>> = {
  redisBytes: 1.2,
  workerRss: 1.2,
  workerHeap: 1.2,
  starterRss: 1.2,
  starterHeap: 1.2,
  rows: 1.5,
};

export interface Growth {
  readonly what: string;
  /** The last third's median over the first third's. */
  readonly ratio: number;
  readonly allowed: number;
}

export function growthOf(samples: readonly Sample[]): readonly Growth[] {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const medianOf = (part: readonly Sample[], what: keyof Sample) => median(part.map((sample) => sample[what]));
  return (Object.keys(ALLOWED) as (keyof Sample)[]).map((what) => ({
    what,
    ratio: medianOf(samples.slice(-third), what) / medianOf(samples.slice(0, third), what),
    allowed: ALLOWED[what],
  }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

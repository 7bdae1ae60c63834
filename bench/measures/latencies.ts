import { percentile, spreadOf } from '../report/statistics.ts';
import { medianAndRange, tableOf } from '../report/table.ts';

/** The 50th and 99th percentiles of each round, by what was measured. */
export interface Latencies {
  add(name: string, milliseconds: readonly number[]): void;
  /** The median over the rounds. */
  median(name: string, key: 'p50' | 'p99'): number;
  lines(title: string): string[];
  json(): object;
}

interface Round {
  readonly p50: number;
  readonly p99: number;
}

export function createLatencies(): Latencies {
  const rounds = new Map<string, Round[]>();
  const of = (name: string, key: keyof Round) => (rounds.get(name) ?? []).map((round) => round[key]);
  return {
    add: (name, milliseconds) => {
      const round = { p50: percentile(milliseconds, 50), p99: percentile(milliseconds, 99) };
      rounds.set(name, [...(rounds.get(name) ?? []), round]);
    },
    median: (name, key) => percentile(of(name, key), 50),
    lines: (title) =>
      tableOf(
        [title, 'p50 ms', 'p99 ms'],
        [...rounds.keys()].map((name) => [name, medianAndRange(of(name, 'p50')), medianAndRange(of(name, 'p99'))]),
      ),
    json: () =>
      Object.fromEntries(
        [...rounds.keys()].map((name) => [name, { p50: spreadOf(of(name, 'p50')), p99: spreadOf(of(name, 'p99')) }]),
      ),
  };
}

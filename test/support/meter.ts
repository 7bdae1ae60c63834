import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';

/** Counts what runs at the same time, and when it began. */
export interface Meter {
  /** Runs for `ms` milliseconds, and is counted meanwhile. */
  run(ms: number): Promise<void>;
  /** The same, but whoever is first stays until a second one is there: however busy the machine is, two meet. */
  runInCompany(ms: number): Promise<void>;
  readonly most: () => number;
  readonly begun: () => number;
  reset(): void;
}

export function createMeter(): Meter {
  let [running, most, begun] = [0, 0, 0];
  const during = async (stay: () => Promise<void>) => {
    begun += 1;
    running += 1;
    most = Math.max(most, running);
    await stay();
    running -= 1;
  };
  const company = () => eventually(async () => most > 1, { timeoutMs: 20_000, intervalMs: 5 });
  return {
    run: (ms) => during(() => sleep(ms)),
    runInCompany: (ms) => during(() => company().then(() => sleep(ms))),
    most: () => most,
    begun: () => begun,
    reset: () => {
      [most, begun] = [running, 0];
    },
  };
}

/** The most of these times that are within one second of each other. */
export function worstSecond(timesMs: readonly number[]): number {
  const inSecondOf = (first: number) => timesMs.filter((time) => time >= first && time < first + 1_000).length;
  return Math.max(0, ...timesMs.map(inSecondOf));
}

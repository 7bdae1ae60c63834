import { messageOf } from '../../../src/core/errors.ts';
import type { Rig } from '../rig/rig.ts';
import { lineOf, type Scheduled } from './schedule.ts';

/** What became of a schedule. */
export interface Strikes {
  /** Of the faults under way. */
  readonly now: () => readonly string[];
  /** How often each kind struck. */
  readonly counts: ReadonlyMap<string, number>;
  /** Faults that found no hold, with the reason: a queue cannot be emptied while Redis is away. */
  readonly missed: readonly string[];
  /** Resolves when all are over and put right, also when the run is stopped before that. */
  readonly over: Promise<void>;
}

export function strikeAll(rig: Rig, schedule: readonly Scheduled[], stopped: AbortSignal): Strikes {
  const underWay = new Set<string>();
  const counts = new Map<string, number>();
  const missed: string[] = [];
  const strike = async (scheduled: Scheduled): Promise<void> => {
    const { fault } = scheduled;
    underWay.add(`${fault.name}: ${fault.what}`);
    counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1);
    await fault.strike(rig).catch((error: unknown) => missed.push(`${lineOf(scheduled)}: ${messageOf(error)}`));
    underWay.delete(`${fault.name}: ${fault.what}`);
  };
  return { now: () => [...underWay], counts, missed, over: inTime(rig, schedule, stopped, strike) };
}

async function inTime(
  rig: Rig,
  schedule: readonly Scheduled[],
  stopped: AbortSignal,
  strike: (scheduled: Scheduled) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  for (const scheduled of schedule) {
    await rig.rest(scheduled.atMs - (performance.now() - startedAt));
    if (stopped.aborted) break;
    running.push(strike(scheduled));
  }
  await Promise.all(running);
}

import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';

export interface HeldClock extends Clock {
  /** Lets time pass, and does what is due on the way, in its order. */
  pass(ms: number): Promise<void>;
}

/** A clock that goes only when a test says so. */
export function heldClock(): HeldClock {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly work: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    after: (ms, work) => {
      const timer = { atMs: nowMs + ms, work };
      timers.push(timer);
      return () => void (timers = timers.filter((each) => each !== timer));
    },
    pass: async (ms) => {
      const untilMs = nowMs + ms;
      // What promises have to say they say between two turns of the event loop.
      await turn();
      for (;;) {
        const [next] = timers.filter(({ atMs }) => atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs);
        if (next === undefined) break;
        timers = timers.filter((each) => each !== next);
        nowMs = next.atMs;
        next.work();
        await turn();
      }
      nowMs = untilMs;
    },
  };
}

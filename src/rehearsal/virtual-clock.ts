import type { Clock } from '../clock.ts';

/** Time that passes when it is told to. */
export interface VirtualClock extends Clock {
  advance(ms: number): void;
  /** Goes on to the next moment somebody waits for, and calls them. */
  skip(): void;
  /** Nobody waits any more: their process is gone. */
  clear(): void;
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  const waiting = new Set<{ readonly atMs: number; readonly work: () => void }>();
  return {
    nowMs: () => nowMs,
    after: (ms, work) => {
      const entry = { atMs: nowMs + ms, work };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    advance: (ms) => {
      nowMs += ms;
    },
    skip: () => {
      const [first] = [...waiting].sort((a, b) => a.atMs - b.atMs);
      if (!first) return;
      waiting.delete(first);
      nowMs = Math.max(nowMs, first.atMs);
      first.work();
    },
    clear: () => waiting.clear(),
  };
}

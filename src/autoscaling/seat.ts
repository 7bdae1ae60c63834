import type { Log } from '../core/log.ts';
import type { Clock } from '../clock.ts';

/** Between two starts that both came to nothing; after the death of one that was ready, the next follows at once. */
export const FIRST_PAUSE_MS = 500;
export const MAX_PAUSE_MS = 10_000;
/** A process that ran so long is followed by the next at once, whatever came before it. */
export const SETTLED_MS = 30_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it did not start, in its own words. */
  readonly reason?: string;
}

/** One run of a process. */
export interface Run {
  readonly pid: number | undefined;
  isReady(): boolean;
  readonly ended: Promise<Ending>;
  /** Lets it end its work, and ends it if it does not; resolves when it is gone. */
  stop(): Promise<void>;
}

/** A place for one process: when it dies, another takes it. */
export interface Seat {
  /** Of the process that is there now, if one is. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface SeatOptions {
  readonly name: string;
  readonly start: () => Run;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps a process running: starts it again, with growing pauses where it dies soon after its start. */
export function keepRunning({ name, start, clock, log }: SeatOptions): Seat {
  let run: Run | undefined;
  let stopping = false;
  let pauseMs = 0;
  let cancel: () => void = () => undefined;

  const occupy = async () => {
    const current = start();
    const startedAtMs = clock.nowMs();
    run = current;
    const ending = await current.ended;
    run = undefined;
    if (stopping) return;
    if (clock.nowMs() - startedAtMs >= SETTLED_MS) pauseMs = 0;
    if (!current.isReady()) pauseMs = Math.max(pauseMs, FIRST_PAUSE_MS);
    log.warn({ child: name, pid: current.pid, ...ending, restartInMs: pauseMs }, 'child process died');
    cancel = clock.after(pauseMs, () => void occupy());
    pauseMs = Math.min(Math.max(pauseMs * 2, FIRST_PAUSE_MS), MAX_PAUSE_MS);
  };
  void occupy();
  return {
    pid: () => run?.pid,
    stop: async () => {
      stopping = true;
      cancel();
      await run?.stop();
    },
  };
}

import type { Log } from '../core/log.ts';
import { messageOf } from '../core/errors.ts';
import type { Clock } from '../clock.ts';
import type { Bounds, Decision, Load, Memory } from './policy.ts';
import { FRESH, scale } from './policy.ts';
import type { Seat } from './seat.ts';

export const TICK_MS = 1_000;

export interface SupervisorOptions {
  readonly bounds: Bounds;
  /** The process that is there from the beginning, if one is. */
  readonly first?: Seat;
  readonly startWorker: () => Seat;
  readonly readLoad: () => Promise<Load>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Supervisor {
  /** How many there should be now; those that drain are not among them. */
  workers(): number;
  /** Lets all workers end their work; resolves when they are gone. */
  stop(): Promise<void>;
}

/** Keeps as many workers as the policy says, once a second. While the load cannot be read, as many as before. */
export function superviseWorkers(options: SupervisorOptions): Supervisor {
  const { bounds, startWorker, readLoad, clock, log } = options;
  const seats: Seat[] = options.first ? [options.first] : [];
  const draining = new Set<Promise<void>>();
  let memory: Memory = FRESH;
  let stopped = false;
  let cancel: () => void = () => undefined;

  const drain = () => {
    const vacant = seats.findLastIndex((seat) => seat.pid() === undefined);
    for (const seat of seats.splice(vacant === -1 ? seats.length - 1 : vacant, 1)) {
      const gone = seat.stop().finally(() => draining.delete(gone));
      draining.add(gone);
    }
  };
  const resize = (workers: number) => {
    while (seats.length < workers) seats.push(startWorker());
    while (seats.length > workers) drain();
  };
  const apply = (load: Load, { workers, reason, memory: next }: Decision) => {
    memory = next;
    if (workers === seats.length) return;
    const message = workers > seats.length ? 'workers are added' : 'a worker is drained';
    log.info({ reason, from: seats.length, to: workers, ...load, draining: draining.size }, message);
    resize(workers);
  };
  const tick = async () => {
    try {
      const load = await readLoad();
      if (stopped) return;
      apply(load, scale({ ...load, ...bounds, workers: seats.length, atMs: clock.nowMs() }, memory));
    } catch (error) {
      log.warn({ err: messageOf(error), workers: seats.length }, 'load not read: as many workers as before');
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    cancel = clock.after(TICK_MS, () => void tick());
  };
  resize(Math.max(bounds.min, seats.length));
  schedule();
  return {
    workers: () => seats.length,
    stop: async () => {
      stopped = true;
      cancel();
      resize(0);
      await Promise.all(draining);
    },
  };
}

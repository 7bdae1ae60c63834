import { EventEmitter, once } from 'node:events';

/** Counts the sagas that were started and have not yet done the last thing they do. */
export interface Flight {
  started(): number;
  open(): number;
  /** Starts that were called and not yet answered. */
  starting(): number;
  /** Counts a saga from the call of its start on. */
  launch(start: Promise<unknown>): void;
  acted(count: number): void;
  /** Resolves at the next change; rejects when a start fails. */
  change(): Promise<void>;
  /** Resolves when none is open and all starts were answered. */
  landed(): Promise<void>;
}

export function createFlight(): Flight {
  let [started, answered, ended] = [0, 0, 0];
  let failure: unknown;
  const changes = new EventEmitter();
  const watch = async (start: Promise<unknown>) => {
    try {
      await start;
      answered += 1;
    } catch (error) {
      failure ??= error;
    }
    changes.emit('change');
  };
  const flight: Flight = {
    started: () => started,
    open: () => started - ended,
    starting: () => started - answered,
    launch: (start) => {
      started += 1;
      void watch(start);
    },
    acted: (count) => {
      ended += count;
      changes.emit('change');
    },
    change: async () => {
      await once(changes, 'change');
      if (failure !== undefined) throw failure;
    },
    landed: async () => {
      while (flight.open() > 0 || answered < started) await flight.change();
    },
  };
  return flight;
}

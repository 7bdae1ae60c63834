import { type Closing, createClosing } from './closing.ts';

/** Thrown at a checkpoint of a start that was interrupted. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Lifetime {
  readonly closing: Closing;
  /** Throws `Interrupted` when a signal came: called between the parts of a start. */
  checkpoint(): void;
}

/**
 * Runs a command that goes on until SIGINT, SIGTERM or SIGHUP: `start` opens what it needs and adds it to `closing`. Whether
 * it is stopped or fails, everything opened is closed. A second SIGINT leaves at once. Returns the exit code.
 */
export async function runUntilStopped(
  start: (lifetime: Lifetime) => Promise<void>,
  say: (line: string) => void,
): Promise<number> {
  const closing = createClosing(say);
  const signals = listenForSignals();
  const checkpoint = () => {
    if (signals.received()) throw new Interrupted('Interrupted');
  };
  try {
    await start({ closing, checkpoint });
    checkpoint();
    await signals.stopped;
    say('Stopping');
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return 0;
    throw error;
  } finally {
    await closing.close();
    signals.off();
  }
}

function listenForSignals(): { stopped: Promise<void>; received: () => boolean; off: () => void } {
  let received = false;
  let resolveStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (resolveStopped = resolve));
  const onSignal = (signal: NodeJS.Signals) => {
    // Children end by themselves when we are gone; servers are found again by the next start.
    if (received && signal === 'SIGINT') process.exit(130);
    received = true;
    resolveStopped();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return { stopped, received: () => received, off: () => names.forEach((name) => process.off(name, onSignal)) };
}

import type { Clock } from '../clock.ts';
import { NoAnswerError } from '../core/errors.ts';

/** The process is stopping: the job goes back to its queue, and nothing is held against the step. */
export class HandBackError extends Error {
  override readonly name: string = 'HandBackError';
}

/** The saga was cancelled, or another run's answer was taken: nobody waits for this one. */
export class MovedOnError extends Error {
  override readonly name = 'MovedOnError';
}

/** The saga's deadline passed while its code ran. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

export interface Bounds {
  readonly what: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Until the saga's deadline; Infinity where there is none. */
  readonly deadlineMs: number;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
  /** Calls its listener when the saga does not wait for this run any more, until what it answers is called. */
  readonly onMovedOn?: (listener: () => void) => () => void;
  /** Aborts when the job is taken from this worker. */
  readonly jobSignal: AbortSignal | undefined;
}

/** Has the signal for the application's code: making one costs, and not all code asks for it. */
export type Bound = Pick<AbortController, 'signal'>;

/**
 * Runs the application's code until it answers or one of its bounds is reached. It is not waited for after that: code
 * that ignores its signal runs on, and what it returns then is given to `onLate`.
 */
export async function runBounded<R>(
  bounds: Bounds,
  work: (bound: Bound) => R | Promise<R>,
  onLate?: (result: R) => void,
): Promise<R> {
  const abort = new AbortController();
  const release: (() => void)[] = [];
  let late = false;
  const bound = new Promise<never>((_resolve, reject) => {
    const end = (error: Error) => {
      late = true;
      reject(error);
      abort.abort(error);
    };
    release.push(onTime(bounds, end));
    release.push(onAbort(bounds.stopping, () => end(new HandBackError('The worker is stopping'))));
    release.push(onAbort(bounds.jobSignal, () => end(new HandBackError('The job was taken from this worker'))));
    if (bounds.onMovedOn) release.push(bounds.onMovedOn(() => end(new MovedOnError('The saga has moved on'))));
  });
  const answer = (async () => work(abort))();
  answer.then(
    (result) => (late ? onLate?.(result) : undefined),
    () => undefined,
  );
  try {
    return await Promise.race([answer, bound]);
  } finally {
    release.forEach((remove) => remove());
  }
}

/** Of the step's own time and the saga's, what is over first. */
function onTime({ what, clock, timeoutMs, deadlineMs }: Bounds, end: (error: Error) => void): () => void {
  const isDeadline = deadlineMs < timeoutMs;
  const over = () =>
    end(
      isDeadline
        ? new DeadlineError('Saga timeout exceeded')
        : new NoAnswerError(`${what} gave no answer in ${timeoutMs} ms`),
    );
  return clock.after(Math.max(Math.min(timeoutMs, deadlineMs), 0), over);
}

function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined;
  if (signal.aborted) listener();
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

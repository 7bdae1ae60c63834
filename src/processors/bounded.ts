import { NoAnswerError } from '../core/errors.ts';

/** The process is stopping: the job goes back to its queue, and nothing is held against the step. */
export class HandBackError extends Error {
  override readonly name = 'HandBackError';
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
  readonly timeoutMs: number;
  /** Until the saga's deadline; Infinity where there is none. */
  readonly deadlineMs: number;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
  /** Aborts when the saga does not wait for this run any more. */
  readonly movedOn?: AbortSignal;
  /** Aborts when the job is taken from this worker. */
  readonly jobSignal: AbortSignal | undefined;
}

/**
 * Runs the application's code until it answers or one of its bounds is reached. It is not waited for after that: code
 * that ignores its signal runs on, and what it returns then is given to `onLate`.
 */
export async function runBounded<R>(
  bounds: Bounds,
  work: (signal: AbortSignal) => R | Promise<R>,
  onLate?: (result: R) => void,
): Promise<R> {
  const abort = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const release: (() => void)[] = [];
  const bound = new Promise<never>((_resolve, reject) => {
    const end = (error: Error) => {
      reject(error);
      abort.abort(error);
    };
    const noAnswer = () => end(new NoAnswerError(`${bounds.what} gave no answer in ${bounds.timeoutMs} ms`));
    timers.push(setTimeout(noAnswer, bounds.timeoutMs));
    if (Number.isFinite(bounds.deadlineMs)) {
      const deadline = () => end(new DeadlineError('Saga timeout exceeded'));
      timers.push(setTimeout(deadline, Math.max(bounds.deadlineMs, 0)));
    }
    release.push(onAbort(bounds.stopping, () => end(new HandBackError('The worker is stopping'))));
    release.push(onAbort(bounds.movedOn, () => end(new MovedOnError('The saga has moved on'))));
    release.push(onAbort(bounds.jobSignal, () => end(new HandBackError('The job was taken from this worker'))));
  });
  const answer = (async () => work(abort.signal))();
  let late = false;
  answer.then(
    (result) => (late ? onLate?.(result) : undefined),
    () => undefined,
  );
  try {
    return await Promise.race([answer, bound]);
  } catch (error) {
    late = abort.signal.aborted;
    throw error;
  } finally {
    timers.forEach(clearTimeout);
    release.forEach((remove) => remove());
  }
}

function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined;
  if (signal.aborted) listener();
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { systemClock } from '../clock.ts';
import { type Ending, keepRunning, type Run, type Seat } from '../autoscaling/seat.ts';
import { reasonOf, StartupError } from '../startup-error.ts';

const STOP_GRACE_MS = 20_000;

export interface ChildSpec {
  readonly name: string;
  /** A module of this package without its extension, relative to `src`: `cli/main`. */
  readonly module: string;
  /** Asked at every start: a restart may need other arguments. */
  readonly args: () => readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** How long it may take to end after SIGTERM before it is killed, in milliseconds. Default 20_000. */
  readonly stopGraceMs?: number;
  /** Told of each process, before it has said anything. */
  readonly onFork?: (child: ChildProcess) => void;
}

export interface Child<M> extends Seat {
  /** The first message of the first run, which says that it is ready. Rejects with a `StartupError` when it ends before that. */
  readonly ready: Promise<M>;
}

/**
 * Forks a process and starts it again, with growing pauses, when it dies. Whoever waits for `ready` in vain has to stop it
 * all the same. It must end when its channel to us closes, which it does even when we are killed.
 */
export function superviseChild<M>(spec: ChildSpec): Child<M> {
  const { name, log } = spec;
  const first = forkRun(spec);
  const runs = [first];
  const seat = keepRunning({ name, start: () => runs.pop() ?? forkRun(spec), clock: systemClock, log });
  const ready = readiness<M>(name, first);
  // Not everybody asks.
  ready.catch(() => undefined);
  return { ...seat, ready };
}

/** What a child of ours says when it cannot start. */
export interface StartFailure {
  readonly startFailure: string;
}

interface ForkedRun extends Run {
  /** Its first message; undefined if it ended without any. */
  readonly firstMessage: Promise<unknown>;
}

function forkRun(spec: ChildSpec): ForkedRun {
  try {
    return runOf(forkChild(spec), spec.stopGraceMs ?? STOP_GRACE_MS);
  } catch (error) {
    // As when there is no memory for another process: the next try may find some.
    return neverRan(reasonOf(error));
  }
}

function runOf(child: ChildProcess, stopGraceMs: number): ForkedRun {
  let said: unknown;
  const message = new Promise<unknown>((resolve) => child.once('message', resolve)).then((word) => (said = word));
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ code, signal, ...(isStartFailure(said) ? { reason: said.startFailure } : {}) }),
    );
    // An error of its channel, after it is gone, would end us without a listener. A process that could not be made has no exit.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, reason: error.message });
    });
  });
  return {
    pid: child.pid,
    isReady: () => said !== undefined && !isStartFailure(said),
    firstMessage: Promise.race([message, ended.then(() => said)]),
    ended,
    stop: () => stopChild(child, ended, stopGraceMs),
  };
}

function neverRan(reason: string): ForkedRun {
  return {
    pid: undefined,
    isReady: () => false,
    firstMessage: Promise.resolve({ startFailure: reason } satisfies StartFailure),
    ended: Promise.resolve({ code: null, signal: null, reason }),
    stop: () => Promise.resolve(),
  };
}

/** In a process group of its own, so that a Ctrl-C in the terminal reaches it through us only, in its turn. */
function forkChild({ module, args, env, onFork }: ChildSpec): ChildProcess {
  const file = fileURLToPath(new URL(`../${module}${extname(import.meta.url)}`, import.meta.url));
  // The loader of TypeScript, if any, is among our own arguments.
  const child = fork(file, args(), { execArgv: process.execArgv, env, detached: true, stdio: ['ignore', 1, 2, 'ipc'] });
  onFork?.(child);
  return child;
}

async function readiness<M>(name: string, { firstMessage, ended }: ForkedRun): Promise<M> {
  const message = await firstMessage;
  if (message !== undefined && !isStartFailure(message)) return message as M;
  const reason = isStartFailure(message) ? message.startFailure : describe(await ended);
  throw new StartupError(`The ${name} process does not start: ${reason}`);
}

function describe({ code, signal, reason }: Ending): string {
  return reason ?? `it ended with ${signal ?? `exit code ${code}`}`;
}

function isStartFailure(message: unknown): message is StartFailure {
  return typeof message === 'object' && message !== null && 'startFailure' in message;
}

async function stopChild(child: ChildProcess, ended: Promise<Ending>, graceMs: number): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}

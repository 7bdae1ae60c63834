import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { StartupError } from '../startup-error.ts';

/** Between two starts that both came to nothing; the first one follows at once. */
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 10_000;
/** A child that ran so long starts again without much waiting. */
const SETTLED_MS = 30_000;
const STOP_GRACE_MS = 20_000;

export interface ChildSpec {
  readonly name: string;
  /** A module of this package without its extension, relative to `src`: `main`. */
  readonly module: string;
  /** Asked at every start: a restart may need other arguments. */
  readonly args: () => readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

export interface Child<M> {
  /** The first message of the first run. */
  readonly message: M;
  stop(): Promise<void>;
}

/**
 * Forks a process and starts it again, with growing pauses, when it dies. Resolves with its first message, which says that it
 * is ready; throws a `StartupError` when it ends before that. It must end when its channel to us closes, which it does even
 * when we are killed.
 */
export async function superviseChild<M>(spec: ChildSpec): Promise<Child<M>> {
  let child = forkChild(spec);
  const message = await firstMessage<M>(spec, child);
  let stopping = false;
  let backoffMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const watch = (startedAt: number) =>
    child.once('exit', (code, signal) => {
      if (stopping) return;
      backoffMs = performance.now() - startedAt > SETTLED_MS ? 0 : backoffMs;
      spec.log.warn({ child: spec.name, code, signal, restartInMs: backoffMs }, 'child process died');
      timer = setTimeout(restart, backoffMs);
      backoffMs = Math.min(Math.max(backoffMs * 2, FIRST_BACKOFF_MS), MAX_BACKOFF_MS);
    });
  const restart = () => {
    child = forkChild(spec);
    watch(performance.now());
  };
  watch(performance.now());
  return {
    message,
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      await stopChild(child);
    },
  };
}

/** In a process group of its own, so that a Ctrl-C in the terminal reaches it through us only, in its turn. */
function forkChild({ module, args, env }: ChildSpec): ChildProcess {
  const file = fileURLToPath(new URL(`../${module}${extname(import.meta.url)}`, import.meta.url));
  // The loader of TypeScript, if any, is among our own arguments.
  const child = fork(file, args(), { execArgv: process.execArgv, env, detached: true, stdio: ['ignore', 1, 2, 'ipc'] });
  // Without a listener an error of its channel, after it is gone, would end us.
  child.on('error', () => undefined);
  return child;
}

/** What a child of ours says when it cannot start. */
export interface StartFailure {
  readonly startFailure: string;
}

async function firstMessage<M>({ name }: ChildSpec, child: ChildProcess): Promise<M> {
  const answer = await new Promise<M | StartFailure>((resolve) => {
    child.once('message', (message) => resolve(message as M));
    child.once('exit', (code, signal) => resolve({ startFailure: `it ended with ${signal ?? `exit code ${code}`}` }));
  });
  if (typeof answer !== 'object' || answer === null || !('startFailure' in answer)) return answer;
  await stopChild(child);
  throw new StartupError(`The ${name} process does not start: ${answer.startFailure}`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await exited;
  clearTimeout(timer);
}

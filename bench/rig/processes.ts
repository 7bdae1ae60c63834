import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { World } from '../contenders/contender.ts';
import type { Order, Report } from '../processes/messages.ts';

/** The longest that anything takes, in milliseconds, on a machine with other work to do. */
const PATIENCE_MS = 300_000;
const STOP_MS = 30_000;

/** A process of the benchmark. Whatever is asked of one that has ended rejects, and what is not answered in five minutes. */
export interface BenchProcess {
  readonly pid: number;
  /** One question at a time. */
  ask<R>(order: Order): Promise<R>;
  tell(order: Order): void;
  /** Lets it close what it opened, and end; ends it after 30 s. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface ForkOptions {
  readonly world: World;
  /** Options of Node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Called with whatever else it reports. */
  readonly heard?: (report: Report) => void;
}

/** Resolves when the process is ready. */
export async function forkProcess(
  file: 'worker' | 'starter' | 'api' | 'held-worker',
  { world, nodeOptions = [], heard }: ForkOptions,
): Promise<BenchProcess> {
  // Node's options of a test run are not those of the processes that are measured.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const path = fileURLToPath(new URL(`../processes/${file}.ts`, import.meta.url));
  const child = fork(path, [JSON.stringify(world)], {
    env,
    execArgv: ['--import', 'tsx', '--no-deprecation', ...nodeOptions],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (heard) child.on('message', heard);
  const answers = answersOf(child, file);
  await answers();
  return {
    pid: child.pid ?? 0,
    ask: async <R>(order: Order) => {
      child.send(order);
      return (await answers()) as R;
    },
    tell: (order) => void (child.connected && child.send(order)),
    stop: async () => {
      if (child.connected) child.send({ kind: 'stop' } satisfies Order);
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Each call waits for the next answer; being ready is the first. */
function answersOf(child: ChildProcess, file: string): () => Promise<unknown> {
  return () =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        child.off('message', listen).off('exit', fail);
        act();
      };
      const refuse = (why: string) => settle(() => reject(new Error(`The ${file} process of the benchmark ${why}`)));
      const fail = () => refuse('ended');
      const timer = setTimeout(() => refuse(`did not answer in ${PATIENCE_MS / 1_000} s`), PATIENCE_MS);
      const listen = (message: Report) => {
        if (message.kind === 'ready') settle(() => resolve(undefined));
        if (message.kind === 'answer') settle(() => resolve(message.value));
        if (message.kind === 'failed') refuse(`failed: ${message.message}`);
      };
      child.on('message', listen).once('exit', fail);
    });
}

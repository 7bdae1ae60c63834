import { fork, type ChildProcess } from 'node:child_process';
import { testRedisUrl } from './database.ts';
import type { Engine } from './engine.ts';

export interface WorkerProcessOptions {
  readonly module: string;
  /** Default `worker`. */
  readonly command?: 'worker' | 'api';
  readonly backend?: 'redis' | 'postgres';
  readonly env?: Readonly<Record<string, string>>;
}

/** A worker process, or an API's, as in production, on the engine's database and queues. */
export function startWorkerProcess({ url, prefix }: Engine, options: WorkerProcessOptions): ChildProcess {
  const { REDIS_URL: _redis, NODE_OPTIONS: _options, ...inherited } = process.env;
  const env = {
    ...inherited,
    DATABASE_URL: url,
    QUEUE_PREFIX: prefix,
    LOG_LEVEL: 'silent',
    ...(options.backend === 'postgres' ? {} : { REDIS_URL: testRedisUrl() }),
    ...options.env,
  };
  return fork('src/main.ts', [options.command ?? 'worker', '--sagas', options.module], {
    env,
    execArgv: ['--import', 'tsx'],
    stdio: 'ignore',
  });
}

/** Ends a process by a signal; resolves with its exit code, null where the signal itself ended it. */
export function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
}

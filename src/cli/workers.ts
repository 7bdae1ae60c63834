import type { Logger } from 'pino';
import { systemClock } from '../clock.ts';
import type { Bounds } from '../autoscaling/policy.ts';
import { readSignals } from '../autoscaling/signals.ts';
import { superviseWorkers } from '../autoscaling/supervisor.ts';
import type { Config } from '../config.ts';
import type { ChildMetrics } from '../metrics/aggregate.ts';
import type { Runner } from '../runner/interface.ts';
import { type Child, superviseChild } from './child.ts';
import type { Closing } from './closing.ts';
import type { WorkerReady } from './commands/worker.ts';
import type { GivenServers } from './servers-from-env.ts';

/** After the grace of its steps a worker hands them back, in milliseconds at most; then it is killed. */
const HAND_BACK_MS = 10_000;

export interface WorkersOptions {
  readonly config: Config;
  readonly servers: GivenServers;
  /** Sees the load, and gives the jobs of workers that die to the others. */
  readonly runner: Runner;
  readonly log: Logger;
  readonly closing: Closing;
  /** The command line that they are run by, as `ChildSpec.module`. */
  readonly entry: string;
  /** Gets what the workers count. */
  readonly children: ChildMetrics;
}

export function boundsOf({ autoscaleMin, autoscaleMax, workerConcurrency }: Config): Bounds {
  return { min: autoscaleMin, max: autoscaleMax, slotsPerWorker: workerConcurrency };
}

/**
 * Runs as many worker processes as there is work for. Resolves when the first is ready, before which no other is started;
 * rejects with a `StartupError` if it does not start.
 */
export async function startWorkers(options: WorkersOptions): Promise<void> {
  const { config, runner, log, closing } = options;
  const startWorker = () => forkWorker(options);
  const first = startWorker();
  closing.add('the first worker', () => first.stop());
  await first.ready;
  runner.watchWorkers();
  const readLoad = () => readSignals(runner);
  const workers = superviseWorkers({
    bounds: boundsOf(config),
    first,
    startWorker,
    readLoad,
    clock: systemClock,
    log,
  });
  closing.add('the workers', () => workers.stop());
}

function forkWorker({ config, servers, log, children, entry }: WorkersOptions): Child<WorkerReady> {
  const { sagaModules, settings, graceMs } = config;
  const { databaseUrl, queues } = servers;
  return superviseChild({
    name: 'worker',
    module: entry,
    args: () => ['worker', ...sagaModules.flatMap((file) => ['--sagas', file])],
    env: {
      ...settings,
      // Nothing rather than not there: what was asked for is settled, also where a name is nearly one of these.
      // Kept from saga modules, but not from the process that signs with it.
      WEBHOOK_SECRET: config.webhooks?.secret ?? '',
      DATABASE_URL: databaseUrl,
      REDIS_URL: queues.kind === 'redis' ? queues.url : '',
      // What they count is in our metrics.
      METRICS_PORT: '',
    },
    log,
    onFork: children.add,
    stopGraceMs: graceMs + HAND_BACK_MS,
  });
}

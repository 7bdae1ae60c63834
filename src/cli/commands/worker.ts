import type { Config } from '../../config.ts';
import type { Example } from '../command.ts';
import { reportToParent } from '../../metrics/aggregate.ts';
import { createExposition } from '../../metrics/exposition.ts';
import { assemble, consumersOf, createLogger, modulesOf } from '../assemble.ts';
import { requireFreePort } from '../http-server.ts';
import { metricsAddress, serveMetrics } from '../metrics-port.ts';
import { runUntilStopped } from '../lifetime.ts';
import { serversFromConfig } from '../servers-from-env.ts';

/** What a forked worker tells its parent. */
export interface WorkerReady {
  readonly ready: true;
}

/** Runs sagas and consumes events, on servers that are given. */
export function worker(config: Config, example?: Example): Promise<number> {
  // Our parent is gone, and with it what it would have stopped in order. To run on would only keep jobs from others.
  process.once('disconnect', () => process.exit(1));
  const log = createLogger(config, 'worker');
  return runUntilStopped(
    async ({ closing, checkpoint }) => {
      const metricsAt = metricsAddress(config);
      if (metricsAt) await requireFreePort(metricsAt);
      const loaded = await modulesOf(config, example);
      const servers = await serversFromConfig(config);
      if (servers.queues.kind === 'postgres') log.warn('REDIS_URL is not set: the queues are kept in PostgreSQL');
      checkpoint();
      let report: { close(): Promise<void> } | undefined;
      // After the steps that run on until the end of the grace period.
      closing.add('the report of metrics', () => report?.close());
      const { runner, metrics, modules } = await assemble({ ...config, ...servers, modules: loaded, log, closing });
      // Only what this process counts: what all share, the API shows.
      if (metricsAt)
        log.info({ url: await serveMetrics(metricsAt, createExposition({ metrics }), closing) }, 'metrics ready');
      await runner.work({ concurrency: config.workerConcurrency, graceMs: config.graceMs });
      const consumers = consumersOf(modules, runner);
      if (Object.keys(consumers).length > 0) await runner.consume(consumers);
      log.info({ sagas: [...runner.definitions.keys()], concurrency: config.workerConcurrency }, 'worker ready');
      process.send?.({ ready: true } satisfies WorkerReady);
      report = reportToParent(metrics);
    },
    (line) => log.info(line),
  );
}

import type { Config } from '../../config.ts';
import { type Example, entryOf } from '../command.ts';
import { createChildMetrics } from '../../metrics/aggregate.ts';
import { createExposition } from '../../metrics/exposition.ts';
import { assemble, createLogger, modulesOf } from '../assemble.ts';
import { requireFreePort } from '../http-server.ts';
import { runUntilStopped } from '../lifetime.ts';
import { metricsAddress, serveMetrics } from '../metrics-port.ts';
import { serversFromConfig } from '../servers-from-env.ts';
import { startWorkers } from '../workers.ts';

/** As many workers on this machine as there is work for, on servers that are given. Runs no saga itself. */
export function autoscale(config: Config, example?: Example): Promise<number> {
  const log = createLogger(config, 'autoscaler');
  return runUntilStopped(
    async ({ closing, checkpoint }) => {
      const metricsAt = metricsAddress(config);
      if (metricsAt) await requireFreePort(metricsAt);
      const modules = await modulesOf(config, example);
      const servers = await serversFromConfig(config);
      if (servers.queues.kind === 'postgres') log.warn('REDIS_URL is not set: the queues are kept in PostgreSQL');
      checkpoint();
      const { runner, metrics } = await assemble({ ...config, ...servers, modules, log, closing });
      const children = createChildMetrics();
      if (metricsAt) {
        const exposition = createExposition({ metrics, target: runner, children });
        log.info({ url: await serveMetrics(metricsAt, exposition, closing) }, 'metrics ready');
      }
      await startWorkers({ config, servers, runner, log, closing, children, entry: entryOf(example) });
      log.info({ min: config.autoscaleMin, max: config.autoscaleMax }, 'autoscaler ready');
    },
    (line) => log.info(line),
  );
}

import type { Config } from '../../config.ts';
import type { Example } from '../command.ts';
import { createApp } from '../../http/app.ts';
import { createExposition } from '../../metrics/exposition.ts';
import { assemble, createLogger, modulesOf } from '../assemble.ts';
import { accessOf, logAccess, requireKeys } from '../access.ts';
import { requireFreePort, serveHttp } from '../http-server.ts';
import { runUntilStopped } from '../lifetime.ts';
import { boundsOf } from '../workers.ts';
import { serversFromConfig } from '../servers-from-env.ts';

/** The HTTP API and the dashboard, on servers that are given. */
export function api(config: Config, example?: Example): Promise<number> {
  const log = createLogger(config, 'api');
  return runUntilStopped(
    async ({ closing, checkpoint }) => {
      requireKeys(config);
      await requireFreePort(config);
      const loaded = await modulesOf(config, example);
      const servers = await serversFromConfig(config);
      if (servers.queues.kind === 'postgres') log.warn('REDIS_URL is not set: the queues are kept in PostgreSQL');
      checkpoint();
      const { prisma, runner, metrics, modules } = await assemble({
        ...config,
        ...servers,
        modules: loaded,
        log,
        closing,
      });
      const app = createApp({
        runner,
        routes: modules.flatMap((module) => module.routes ?? []),
        log,
        scaling: boundsOf(config),
        ...accessOf(config, prisma),
        metrics: createExposition({ metrics, target: runner }),
      });
      runner.watchWorkers();
      logAccess(config, log);
      const server = await serveHttp(app, config);
      closing.add('the API', () => server.close());
      log.info({ url: server.url }, 'api ready');
    },
    (line) => log.info(line),
  );
}

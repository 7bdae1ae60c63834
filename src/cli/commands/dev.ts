import type { Config } from '../../config.ts';
import { createApp } from '../../http/app.ts';
import { createChildMetrics } from '../../metrics/aggregate.ts';
import { createExposition } from '../../metrics/exposition.ts';
import type { Runner } from '../../runner/interface.ts';
import { findServers, type Servers } from '../../servers/find-servers.ts';
import { maskUrl } from '../../startup-error.ts';
import { migrate } from '../../store/database/migrate.ts';
import { accessLine, accessOf, requireKeys } from '../access.ts';
import { assemble, createLogger, modulesOf } from '../assemble.ts';
import { boundsOf, startWorkers } from '../workers.ts';
import type { Closing } from '../closing.ts';
import { type Example, entryOf } from '../command.ts';
import { requireFreePort, serveHttp } from '../http-server.ts';
import { runUntilStopped } from '../lifetime.ts';
import { say } from '../say.ts';

/** Everything on this machine, from nothing: servers, migrations, API and worker processes, and what the example needs. */
export function dev(config: Config, example?: Example): Promise<number> {
  const log = createLogger(config, 'api');
  return runUntilStopped(async ({ closing, checkpoint }) => {
    // First what can be wrong and is quickly found.
    requireKeys(config);
    await requireFreePort(config);
    const loaded = await modulesOf(config, example);
    const help = loaded.find((module) => module.dev)?.dev;
    const servers = await openServers(config, closing);
    checkpoint();
    await migrate(servers.databaseUrl, { onProgress: say });
    const settings = (await help?.provide(config, log, closing)) ?? config.settings;
    checkpoint();

    const { prisma, runner, metrics, modules } = await assemble({
      ...config,
      ...servers,
      settings,
      modules: loaded,
      log,
      closing,
    });
    await help?.seed(prisma, log);
    const children = createChildMetrics();
    const app = createApp({
      runner,
      routes: modules.flatMap((module) => module.routes ?? []),
      log,
      scaling: boundsOf(config),
      ...accessOf(config, prisma),
      metrics: createExposition({ metrics, target: runner, children }),
    });
    const server = await serveHttp(app, config);
    closing.add('the API', () => server.close());
    checkpoint();
    await startWorkers({
      config: { ...config, settings },
      servers,
      runner,
      log,
      closing,
      children,
      entry: entryOf(example),
    });
    const command = (await help?.tryIt(prisma, server.url)) ?? startForm(runner, server.url);
    say(
      readyBlock({
        url: server.url,
        provider: settings['PROVIDER_URL'],
        describe: servers.describe,
        example: command,
        access: accessLine(config),
      }),
    );
  }, say);
}

async function openServers({ dataDir, databaseUrl, redisUrl, path }: Config, closing: Closing): Promise<Servers> {
  const servers = await findServers({ dataDir, databaseUrl, redisUrl, path, progress: say, onEnded: say });
  closing.add('the servers', () => servers.stop());
  return servers;
}

/** The form: an input that the saga takes is nothing that can be guessed. */
function startForm(runner: Runner, url: string): string {
  return `${url}/console/start/${[...runner.definitions.keys()][0] ?? ''}`;
}

interface Ready {
  readonly url: string;
  readonly provider: string | undefined;
  readonly describe: readonly string[];
  readonly example: string;
  readonly access: string;
}

function readyBlock({ url, provider, describe, example, access }: Ready): string {
  const lines = [
    '',
    'Backstep is ready',
    '',
    `  Console     ${url}/console`,
    `  API         ${url}, described at ${url}/docs`,
    `  Bull Board  ${url}/admin/queues`,
    `  Keys        ${access}`,
    ...(provider === undefined ? [] : [`  Provider    ${maskUrl(provider)}`]),
    ...describe.map((line) => `  Server      ${line}`),
    '',
    '  Try it:',
    `    ${example}`,
    '',
    '  Stop it with Ctrl-C',
    '',
  ];
  return lines.join('\n');
}

import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import type { PrismaClient } from '../../generated/client/client.ts';
import { createApp } from '../../http/app.ts';
import { createChildMetrics } from '../../metrics/aggregate.ts';
import { createExposition } from '../../metrics/exposition.ts';
import type { Runner } from '../../runner.ts';
import { seedBilling } from '../../sagas/seed.ts';
import { findServers, type Servers } from '../../servers/find-servers.ts';
import { maskUrl } from '../../startup-error.ts';
import { migrate } from '../../store/migrate.ts';
import { accessLine, accessOf, requireKeys } from '../access.ts';
import { assemble, createLogger, modulesOf, runsBilling } from '../assemble.ts';
import { superviseChild } from '../child.ts';
import { boundsOf, startWorkers } from '../workers.ts';
import type { Closing } from '../closing.ts';
import { requireFreePort, serveHttp } from '../http-server.ts';
import { runUntilStopped } from '../lifetime.ts';
import { say } from '../say.ts';
import { BOOKS_FILE } from './sandbox.ts';

/** Everything on this machine, from nothing: servers, migrations, sandbox, API and worker processes. */
export function dev(config: Config): Promise<number> {
  const log = createLogger(config, 'api');
  return runUntilStopped(async ({ closing, checkpoint }) => {
    // First what can be wrong and is quickly found.
    requireKeys(config);
    await requireFreePort(config);
    const loaded = await modulesOf(config);
    const billing = runsBilling(loaded);
    const servers = await openServers(config, closing);
    checkpoint();
    await migrate(servers.databaseUrl, { onProgress: say });
    const settings = billing ? await withProvider(config, log, closing) : config.settings;
    checkpoint();

    const { prisma, runner, metrics, modules } = await assemble({
      ...config,
      ...servers,
      settings,
      modules: loaded,
      log,
      closing,
    });
    if (billing) await seedBilling(prisma, log);
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
    await startWorkers({ config: { ...config, settings }, servers, runner, log, closing, children });
    const example = billing ? await refundExample(prisma, server.url) : sagaExample(runner, server.url);
    say(
      readyBlock({
        url: server.url,
        provider: settings['PROVIDER_URL'],
        describe: servers.describe,
        example,
        access: accessLine(config),
      }),
    );
  }, say);
}

async function openServers({ dataDir, databaseUrl, redisUrl, path }: Config, closing: Closing): Promise<Servers> {
  const servers = await findServers({ dataDir, databaseUrl, redisUrl, path, progress: say });
  closing.add('the servers', () => servers.stop());
  return servers;
}

type Settings = Config['settings'];

/** The settings with a payment provider in them: a sandbox when none is given. */
async function withProvider(
  { settings, providerUrl, dataDir }: Config,
  log: Logger,
  closing: Closing,
): Promise<Settings> {
  if (providerUrl !== undefined) return settings;
  let port = '0';
  const sandbox = superviseChild<{ url: string }>({
    name: 'sandbox',
    module: 'sagas/sandbox/main',
    args: () => ['--books', join(dataDir, BOOKS_FILE), '--port', port],
    env: settings,
    log,
  });
  closing.add('the sandbox', () => sandbox.stop());
  const { url } = await sandbox.ready;
  // Started again it must be where the others expect it.
  port = new URL(url).port;
  return { ...settings, PROVIDER_URL: url, SANDBOX_PROXY: 'on' };
}

/** A payment that can still be refunded: those tried before stay refunded. */
async function refundExample(prisma: PrismaClient, url: string): Promise<string> {
  const payment = await prisma.payment.findFirst({ where: { status: 'SUCCESS' }, orderBy: { id: 'asc' } });
  const path = `/api/billing/payments/${payment?.id ?? 'pay-0001'}/refund`;
  return curl(`${url}${path}`, { amount: 100, reason: 'Trying it out' });
}

function sagaExample(runner: Runner, url: string): string {
  return curl(`${url}/api/sagas/${[...runner.definitions.keys()][0] ?? ''}`, {});
}

function curl(url: string, body: object): string {
  return `curl -X POST ${url} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
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
    `  API         ${url}`,
    `  Dashboard   ${url}/admin/queues`,
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

import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';
import type { SqlClient } from '../core/definition.ts';
import { DefinitionError } from '../core/errors.ts';
import type { ProcessMetrics } from '../metrics/prometheus.ts';
import { createMetrics } from '../metrics/prometheus.ts';
import type { SagaModule } from '../modules.ts';
import type { EventHandlers } from '../processors/workers.ts';
import { postgresBackend, redisBackend } from '../queues/backend.ts';
import { createRunner } from '../runner.ts';
import type { Runner } from '../runner/interface.ts';
import type { Queues } from '../servers/find-servers.ts';
import { StartupError } from '../startup-error.ts';
import { connectPrisma } from '../store/database/prisma.ts';
import type { Closing } from './closing.ts';
import type { Example } from './command.ts';
import { startTelemetry } from './telemetry.ts';
import { clientOf, createModule, type LoadedModule, loadModules } from './load-modules.ts';

/** The modules that a process runs: those asked for, or the example, where there is one. */
export async function modulesOf(
  { sagaModules }: Config,
  example: Example | undefined,
): Promise<readonly LoadedModule[]> {
  if (sagaModules.length > 0) return loadModules(sagaModules, process.cwd());
  if (example !== undefined) return [await example.load()];
  throw new StartupError('There are no sagas: name a module with --sagas FILE, or several in SAGA_MODULES');
}

export function createLogger({ logLevel }: Config, role: string): Logger {
  return pino({ level: logLevel, base: { role, pid: process.pid } });
}

const DAY_MS = 24 * 3_600_000;

export interface AssembleOptions extends Pick<
  Config,
  | 'queuePrefix'
  | 'settings'
  | 'outputLimitBytes'
  | 'retentionDays'
  | 'auditRetentionDays'
  | 'webhooks'
  | 'otlpEndpoint'
  | 'serviceName'
> {
  readonly databaseUrl: string;
  readonly queues: Queues;
  readonly modules: readonly LoadedModule[];
  readonly log: Logger;
  readonly closing: Closing;
}

export interface Assembly {
  readonly prisma: SqlClient;
  readonly runner: Runner;
  readonly metrics: ProcessMetrics;
  readonly modules: readonly SagaModule[];
}

/** Builds the runner of a process from its modules; what it opens is added to `closing`. */
export async function assemble(options: AssembleOptions): Promise<Assembly> {
  const { databaseUrl, queues, queuePrefix, settings, outputLimitBytes, log, closing } = options;
  const { prisma, pool, close } = connectPrisma(databaseUrl, { client: clientOf(options.modules) });
  closing.add('the database connections', close);
  const telemetry = await startTelemetry(options, log, closing);
  const modules: SagaModule[] = [];
  for (const loaded of options.modules) modules.push(await createModule(loaded, { prisma, settings, log }));
  const sagas = modules.flatMap((module) => module.sagas);
  const backend =
    queues.kind === 'redis'
      ? redisBackend({ url: queues.url, prefix: queuePrefix, telemetry })
      : postgresBackend({ url: databaseUrl, telemetry });
  try {
    const metrics = createMetrics({ sagas, pool });
    const { meter } = metrics;
    const runner = createRunner({
      prisma,
      queues: backend,
      sagas,
      log,
      outputLimitBytes,
      retentionMs: options.retentionDays * DAY_MS,
      auditRetentionMs: options.auditRetentionDays * DAY_MS,
      meter,
      ...(options.webhooks ? { webhooks: options.webhooks } : {}),
    });
    closing.add('the queues', () => runner.close());
    return { prisma, runner, metrics, modules };
  } catch (error) {
    await backend.close();
    throw error instanceof DefinitionError ? new StartupError(error.message, { cause: error }) : error;
  }
}

/** The consumers of all modules; where two hear one event, both are called. */
export function consumersOf(modules: readonly SagaModule[], runner: Runner): EventHandlers {
  const all: Record<string, EventHandlers[string]> = {};
  for (const { consumers } of modules)
    for (const [name, handler] of Object.entries(consumers?.(runner) ?? {})) {
      const before = all[name];
      all[name] = before === undefined ? handler : (event) => before(event).then(() => handler(event));
    }
  return all;
}

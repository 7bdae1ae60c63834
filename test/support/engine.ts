import type { Telemetry } from 'bullmq';
import { pino } from 'pino';
import type { SagaDefinition } from '../../src/core/definition.ts';
import type { WebhookOptions } from '../../src/core/notice.ts';
import type { Meter } from '../../src/metrics/meter.ts';
import type { QueueBackend } from '../../src/queues/backend.ts';
import { postgresBackend, redisBackend } from '../../src/queues/backend.ts';
import type { Runner } from '../../src/runner/interface.ts';
import { createRunner } from '../../src/runner.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { SagaView } from '../../src/store/views.ts';
import type { TestDatabase } from './database.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from './database.ts';
import { eventually } from './eventually.ts';

export interface Engine {
  readonly runner: Runner;
  readonly sql: TestDatabase['sql'];
  readonly url: string;
  readonly prefix: string;
  /** Where Backstep's tables are; undefined: in the first schema of the connections. */
  readonly schema: string | undefined;
  /** Another runner on the same database and queues, as another process would have, after a deployment perhaps. */
  another(deployed?: readonly SagaDefinition[]): Runner;
  /** The saga as soon as `condition` holds. */
  until(sagaId: string, condition: (saga: SagaView) => boolean, timeoutMs?: number): Promise<SagaView>;
  /** The saga when nothing happens to it any more without a person. */
  ended(sagaId: string, timeoutMs?: number): Promise<SagaView>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly backend?: 'redis' | 'postgres';
  /** Default true. */
  readonly work?: boolean;
  readonly outputLimitBytes?: number;
  readonly meter?: Meter;
  readonly webhooks?: WebhookOptions;
  /** Default: a database and a key prefix of its own. */
  readonly redisUrl?: string;
  readonly telemetry?: Telemetry<unknown>;
  /** Backstep's tables are in this schema, which the application's client does not look into. Default: `TEST_SCHEMA`, or in its own. */
  readonly schema?: string;
}

const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

/** A runner with a database and a key prefix of its own. */
export async function startEngine(
  define: (db: Database['prisma']) => readonly SagaDefinition[],
  options: EngineOptions = {},
): Promise<Engine> {
  const schema = options.schema ?? process.env['TEST_SCHEMA'];
  const inSchema = schema === undefined ? {} : { schema };
  const database = await createTestDatabase(inSchema);
  const prefix = testPrefix();
  const { prisma, close: disconnect } = connectPrisma(database.url);
  // Loads Prisma's query compiler now: jest refuses an import that comes between two tests.
  await prisma.$queryRawUnsafe('SELECT 1');
  const sagas = define(prisma);
  const backend = (): QueueBackend =>
    options.backend === 'postgres'
      ? postgresBackend({ url: database.url, telemetry: options.telemetry })
      : redisBackend({ url: options.redisUrl ?? testRedisUrl(), prefix, telemetry: options.telemetry });
  const { outputLimitBytes, meter, webhooks } = options;
  const limits = {
    ...(outputLimitBytes === undefined ? {} : { outputLimitBytes }),
    ...(meter === undefined ? {} : { meter }),
    ...(webhooks === undefined ? {} : { webhooks }),
  };
  const create = (defined: readonly SagaDefinition[]) =>
    createRunner({ prisma: prisma, queues: backend(), sagas: defined, log, ...inSchema, ...limits });
  const runners = [create(sagas)];
  const [runner] = runners;
  if (!runner) throw new Error('no runner');
  if (options.work !== false) await runner.work();

  const until: Engine['until'] = (sagaId, condition, timeoutMs = 20_000) =>
    eventually(
      async () => {
        const saga = await runner.get(sagaId);
        if (condition(saga)) return saga;
        throw new Error(`${saga.status} at ${saga.currentStep}: ${JSON.stringify(saga.log)}`);
      },
      { timeoutMs },
    );
  return {
    runner,
    prefix,
    until,
    sql: database.sql,
    url: database.url,
    schema,
    another: (deployed = sagas) => {
      const other = create(deployed);
      runners.push(other);
      return other;
    },
    ended: (sagaId, timeoutMs) =>
      until(sagaId, ({ status }) => status !== 'RUNNING' && status !== 'COMPENSATING', timeoutMs),
    close: async () => {
      await Promise.all(runners.map((each) => each.close()));
      await disconnect();
      await database.drop();
    },
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import type { AppOptions } from '../../src/http/app.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { createRunner, redisBackend } from '../../src/index.ts';
import type { Route, Runner, SagaDefinition } from '../../src/index.ts';
import { PrismaClient } from '../../src/sagas/generated/client.ts';
import billing, { seedBilling } from '../../src/sagas/index.ts';
import { startSandbox } from '../../src/sagas/sandbox/server.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { BillingClient } from './billing-client.ts';
import { billingClient } from './billing-client.ts';
import { checkedApp } from './checked-app.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from './database.ts';

export type { Answer, Row } from './billing-client.ts';

/** The whole billing application in this process. */
export interface Billing extends BillingClient {
  readonly runner: Runner;
  /** The API's. */
  readonly url: string;
  /** The module's own. */
  readonly routes: readonly Route[];
  close(): Promise<void>;
}

export interface BillingOptions {
  /** Sagas beside the module's. */
  readonly sagas?: readonly SagaDefinition[];
  readonly log?: Logger;
  /** More of the app. */
  readonly app?: (prisma: PrismaClient) => Partial<AppOptions>;
  /** Sent with every request of the client. */
  readonly headers?: Readonly<Record<string, string>>;
}

const silent = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

export async function startBilling(
  settings: Record<string, string> = {},
  { sagas = [], log = silent, app = () => ({}), headers = {} }: BillingOptions = {},
): Promise<Billing> {
  const directory = await mkdtemp(join(tmpdir(), 'billing-'));
  const sandbox = await startSandbox({ port: 0, host: '127.0.0.1', booksFile: join(directory, 'books.jsonl') });
  const database = await createTestDatabase();
  const { prisma, close: disconnect } = connectPrisma(database.url, { client: PrismaClient });
  await seedBilling(prisma, log);
  const context = { PROVIDER_URL: sandbox.url, SANDBOX_PROXY: 'on', ...settings };
  const module = billing({ prisma, settings: context, log });
  const queues = redisBackend({ url: testRedisUrl(), prefix: testPrefix() });
  const runner = createRunner({ prisma, queues, sagas: [...module.sagas, ...sagas], log });
  const routes = module.routes ?? [];
  const server = await listen(checkedApp({ runner, routes, log, ...app(prisma) }));
  await runner.work();
  await runner.consume(module.consumers?.(runner) ?? {});
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...billingClient({ sql: database.sql, api: () => url, provider: sandbox.url, headers }),
    runner,
    url,
    routes,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await runner.close();
      await disconnect();
      await sandbox.close();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
}

function listen(app: RequestListener): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createHttpServer(app);
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../../src/http/app.ts';
import { createRunner, redisBackend } from '../../src/index.ts';
import type { Runner } from '../../src/index.ts';
import billing, { seedBilling } from '../../src/sagas/index.ts';
import { startSandbox } from '../../src/sagas/sandbox/server.ts';
import { connectPrisma } from '../../src/store/prisma.ts';
import type { BillingClient } from './billing-client.ts';
import { billingClient } from './billing-client.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from './database.ts';

export type { Answer, Row } from './billing-client.ts';

/** The whole billing application in this process. */
export interface Billing extends BillingClient {
  readonly runner: Runner;
  /** The API's. */
  readonly url: string;
  close(): Promise<void>;
}

const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

export async function startBilling(settings: Record<string, string> = {}): Promise<Billing> {
  const directory = await mkdtemp(join(tmpdir(), 'billing-'));
  const sandbox = await startSandbox({ port: 0, host: '127.0.0.1', booksFile: join(directory, 'books.jsonl') });
  const database = await createTestDatabase();
  const { prisma, close: disconnect } = connectPrisma(database.url);
  await seedBilling(prisma, log);
  const context = { PROVIDER_URL: sandbox.url, SANDBOX_PROXY: 'on', ...settings };
  const module = billing({ prisma, settings: context, log });
  const queues = redisBackend({ url: testRedisUrl(), prefix: testPrefix() });
  const runner = createRunner({ prisma, queues, sagas: module.sagas, log });
  const server = await listen(createApp({ runner, routes: module.routes ?? [], log }));
  await runner.work();
  await runner.consume(module.consumers?.(runner) ?? {});
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...billingClient({ sql: database.sql, api: () => url, provider: sandbox.url }),
    runner,
    url,
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

function listen(app: ReturnType<typeof createApp>): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(0, '127.0.0.1', (error) => (error ? reject(error) : resolve(server)));
  });
}

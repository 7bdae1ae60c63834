import { randomUUID } from 'node:crypto';
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
import { httpProvider } from '../../src/sagas/provider/http-provider.ts';
import { startSandbox } from '../../src/sagas/sandbox/server.ts';
import { connectPrisma } from '../../src/store/prisma.ts';
import type { TestDatabase } from './database.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from './database.ts';
import { eventually } from './eventually.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export type Row = Record<string, unknown>;

/** The whole billing application, as its users see it: HTTP in front, tables and the provider's books behind. */
export interface Billing {
  readonly runner: Runner;
  readonly sql: TestDatabase['sql'];
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The only row of a query. */
  row(query: string, ...values: unknown[]): Promise<Row>;
  /** The saga's row once nothing happens to it any more without a person. */
  ended(sagaId: unknown, timeoutMs?: number): Promise<Row>;
  order(fault: object): Promise<void>;
  /** Answers when every operation that is slow by `delayMs` until now has come to its end. */
  slowOnesOver(delayMs: number): Promise<void>;
  /** What the provider did, oldest first. */
  operations(): Promise<Row[]>;
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

  const request: Billing['request'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Row };
  };
  const row: Billing['row'] = async (query, ...values) => {
    const { rows } = await database.sql.query<Row>(query, values);
    const [only] = rows;
    if (!only || rows.length > 1) throw new Error(`${rows.length} rows: ${query}`);
    return only;
  };
  return {
    runner,
    sql: database.sql,
    request,
    row,
    ended: (sagaId, timeoutMs = 20_000) =>
      eventually(
        async () => {
          const saga = await row('SELECT * FROM saga_state WHERE saga_id = $1', sagaId);
          if (saga['status'] !== 'RUNNING' && saga['status'] !== 'COMPENSATING') return saga;
          throw new Error(`${saga['status']} at ${String(saga['current_step'])}`);
        },
        { timeoutMs },
      ),
    order: async (fault) => {
      const { status, body } = await request('POST', '/sandbox/faults', fault);
      if (status !== 201) throw new Error(JSON.stringify(body));
    },
    slowOnesOver: async (delayMs) => {
      await request('POST', '/sandbox/faults', { operation: 'lookup', fault: 'slow', delayMs });
      await httpProvider(sandbox.url).settle('stripe', `barrier-${randomUUID()}`, AbortSignal.timeout(60_000));
    },
    operations: async () => (await request('GET', '/sandbox/operations')).body['items'] as Row[],
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

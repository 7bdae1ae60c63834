import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { PrismaClient } from '../../src/sagas/generated/client.ts';
import { seedBilling } from '../../src/sagas/index.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { BillingClient } from './billing-client.ts';
import { billingClient } from './billing-client.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from './database.ts';
import { eventually } from './eventually.ts';
import type { Program } from './process.ts';
import { runTypeScript } from './process.ts';

/** The billing application as it is deployed: an API, a worker and the provider, each a process of its own. */
export interface Deployment extends BillingClient {
  /** Resolves when it listens. Requests go to the one that was started last. */
  startApi(): Promise<Program>;
  /** Resolves when it takes jobs. */
  startWorker(): Promise<Program>;
  close(): Promise<void>;
}

/** The provider runs; the API and the worker are the test's to start. */
export async function deployBilling(settings: Record<string, string> = {}): Promise<Deployment> {
  const directory = await mkdtemp(join(tmpdir(), 'deployment-'));
  const database = await createTestDatabase();
  await seed(database.url);
  const programs: Program[] = [];
  const start = async (command: string, env: Record<string, string>, ready: RegExp) => {
    const program = runTypeScript('src/main.ts', [command], { ...env, PORT: '0' });
    programs.push(program);
    return { program, said: await said(program, ready) };
  };
  const sandbox = await start('sandbox', { DATA_DIR: directory }, /at (http:\S+);/);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: testRedisUrl(),
    QUEUE_PREFIX: testPrefix(),
    PROVIDER_URL: sandbox.said,
    SANDBOX_PROXY: 'on',
    ...settings,
  };
  let url = '';
  return {
    ...billingClient({ sql: database.sql, api: () => url, provider: sandbox.said }),
    startApi: async () => {
      const api = await start('api', env, /"url":"(http:[^"]+)","msg":"api ready"/);
      url = api.said;
      return api.program;
    },
    startWorker: async () => (await start('worker', env, /"msg":"(worker ready)"/)).program,
    close: async () => {
      await Promise.all(programs.map(killed));
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
}

/** Kills it as `kill -9` does; resolves when it is gone. */
export async function killed(program: Program): Promise<void> {
  program.kill('SIGKILL');
  await program.exited;
}

/** The part of its output that says that it is ready. */
async function said(program: Program, ready: RegExp): Promise<string> {
  return eventually(
    () => {
      const [, part] = ready.exec(program.stdout()) ?? [];
      if (part === undefined) throw new Error(`It says only ${program.stdout()}${program.stderr()}`);
      return part;
    },
    { timeoutMs: 40_000 },
  );
}

async function seed(url: string): Promise<void> {
  const { prisma, close } = connectPrisma(url, { client: PrismaClient });
  await seedBilling(prisma, pino({ level: 'silent' }));
  await close();
}

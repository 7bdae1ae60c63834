import { pino } from 'pino';
import type { RunnerOptions } from '../../src/index.ts';
import { createRunner, redisBackend } from '../../src/index.ts';
import type { Runner } from '../../src/runner/interface.ts';
import { migrate } from '../../src/store/database/migrate.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { OwnServers } from './own-servers.ts';
import { startOwnServers } from './own-servers.ts';

/** A runner that works on servers of its own, which a test may break. */
export interface OwnEngine {
  readonly servers: OwnServers;
  readonly prisma: Database['prisma'];
  readonly runner: Runner;
  close(): Promise<void>;
}

export async function startOwnEngine(
  define: (prisma: Database['prisma']) => RunnerOptions['sagas'],
  options: Pick<RunnerOptions, 'webhooks'> = {},
): Promise<OwnEngine> {
  const servers = await startOwnServers();
  await migrate(servers.postgres.url);
  const { prisma, close: disconnect } = connectPrisma(servers.postgres.url);
  await prisma.$queryRawUnsafe('SELECT 1');
  const queues = redisBackend({ url: servers.redis.url });
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const runner = createRunner({ prisma, queues, sagas: define(prisma), log, ...options });
  await runner.work({ concurrency: 10 });
  return {
    servers,
    prisma,
    runner,
    close: async () => {
      await runner.close();
      await disconnect();
      await servers.stop();
    },
  };
}

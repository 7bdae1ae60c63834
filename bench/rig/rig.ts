import { rmSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { StartupError } from '../../src/startup-error.ts';
import { placeForServers, serverOwner } from '../../src/servers/home.ts';
import { findServers } from '../../src/servers/find-servers.ts';
import { migrate } from '../../src/store/database/migrate.ts';
import { ensureRedis } from '../../test/support/redis-tools.ts';

export type Say = (line: string) => void;

/** The servers of a benchmark, and what they can tell about themselves. */
export interface Rig {
  readonly say: Say;
  /** For data of further servers. */
  readonly folder: string;
  readonly admin: Client;
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly pids: { readonly postgres: number; readonly redis: number };
  /** Wipes Redis and makes a database of that name, a copy of `template`. Resolves with its URL. */
  fresh(name: string, template?: string): Promise<string>;
  urlOf(database: string): string;
  /** Ends the servers and removes their data. */
  stop(): Promise<void>;
}

const DATA_DIR = '.data/bench';
/** A migrated database without rows. */
export const EMPTY = 'bench_empty';

/** PostgreSQL with its default durability and Redis with `appendfsync everysec`, for nobody else. */
export async function startRig(say: Say): Promise<Rig> {
  const path = ensureRedis(process.env['PATH'] ?? '', '.data', say);
  const servers = await findServers({ dataDir: DATA_DIR, path, progress: say });
  const stop = async () => {
    await servers.stop();
    const place = placeForServers(DATA_DIR, serverOwner(), () => undefined);
    for (const folder of new Set([place, DATA_DIR])) rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (servers.queues.kind !== 'redis') throw new StartupError('The benchmark needs a Redis: install redis-server');
    servers.describe.forEach(say);
    const [load = 0] = loadavg();
    say(
      `${availableParallelism()} processors, Node ${process.versions.node}; load before the start ${load.toFixed(1)}`,
    );
    return await connect(servers.databaseUrl, servers.queues.url, say, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connect(databaseUrl: string, redisUrl: string, say: Say, stopServers: Rig['stop']): Promise<Rig> {
  const urlOf = (database: string) => Object.assign(new URL(databaseUrl), { pathname: `/${database}` }).href;
  const admin = new Client({ connectionString: databaseUrl });
  await admin.connect();
  const redis = new Redis(redisUrl);
  // By way of the log, which later versions do unless told, a million sagas take long.
  const byFiles = (await serverVersion(admin)) >= 15 ? 'STRATEGY FILE_COPY' : '';
  const fresh = async (name: string, template = EMPTY) => {
    await redis.flushall();
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} ${byFiles}`);
    // What earlier runs left to be written is written now, and not while the next is measured.
    await admin.query('CHECKPOINT');
    return urlOf(name);
  };
  await admin.query(`DROP DATABASE IF EXISTS ${EMPTY} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${EMPTY}`);
  await migrate(urlOf(EMPTY));
  return {
    say,
    folder: DATA_DIR,
    admin,
    redis,
    redisUrl,
    pids: { postgres: await postmasterPid(admin), redis: redisPid(await redis.info('server')) },
    fresh,
    urlOf,
    stop: async () => {
      await admin.end();
      redis.disconnect();
      await stopServers();
    },
  };
}

/** Every backend is a child of the process that has the first line of the pid file. */
async function postmasterPid(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ pid: string }>(
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid`,
  );
  return Number(rows[0]?.pid);
}

async function serverVersion(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
  return Number.parseInt(rows[0]?.server_version ?? '', 10);
}

function redisPid(info: string): number {
  return Number(/process_id:(\d+)/.exec(info)?.[1]);
}

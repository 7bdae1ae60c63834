import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPlaces } from '../../src/servers/binaries.ts';
import { placeForServers, serverOwner } from '../../src/servers/home.ts';
import type { ServerPlace } from '../../src/servers/postgres.ts';
import { runPostgres } from '../../src/servers/postgres.ts';
import { runRedis } from '../../src/servers/redis.ts';
import { eventually } from './eventually.ts';

/** A server that a test may kill. It comes back on the same port with the same data. */
export interface Breakable {
  readonly url: string;
  /** Of the process that runs now. */
  pid(): number;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface OwnServers {
  readonly postgres: Breakable;
  readonly redis: Breakable;
  stop(): Promise<void>;
}

interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** PostgreSQL and Redis of one test file, to be killed. */
export async function startOwnServers(): Promise<OwnServers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'outage-'));
  // Servers that run as nobody have to pass through it; else their data would go elsewhere, and stay there.
  await chmod(dataDir, 0o711);
  const owner = serverOwner();
  const progress = () => undefined;
  const place: ServerPlace = {
    dataDir,
    place: placeForServers(dataDir, owner, progress),
    owner,
    progress,
    programs: defaultPlaces(process.env['PATH'] ?? ''),
  };
  // SIGQUIT is PostgreSQL's immediate shutdown: as a crash, but its children end with it.
  const postgres = await breakable(() => runPostgres(place), 'SIGQUIT');
  const redis = await breakable(() => requireRedis(place), 'SIGKILL');
  return {
    postgres,
    redis,
    stop: async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
      await rm(dataDir, { recursive: true });
    },
  };
}

async function requireRedis(place: ServerPlace): Promise<Running> {
  const redis = await runRedis(place);
  if (!redis) throw new Error('no redis-server on this machine');
  return redis;
}

async function breakable(run: () => Promise<Running>, signal: NodeJS.Signals) {
  let server = await run();
  const { url } = server;
  return {
    url,
    pid: () => server.pid,
    kill: async () => {
      const { pid } = server;
      process.kill(pid, signal);
      await eventually(() => !isAlive(pid));
    },
    start: async () => {
      server = await run();
      if (server.url !== url) throw new Error(`The server came back at ${server.url}, not at ${url}`);
    },
    stop: () => server.stop(),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Binary, findPrograms, versionOf } from './binaries.ts';
import { serverHome } from './home.ts';
import type { ServerPlace } from './postgres.ts';
import { type PrivateServer, runPrivateServer, type ServerSpec } from './private-server.ts';
import type { Owner } from './process.ts';
import { askRedis } from './reach.ts';
import { readLines } from './record.ts';

const VERSION = /server v=(\S+)/;

export interface PrivateRedis extends PrivateServer {
  readonly url: string;
  readonly describe: string;
}

/** Redis (or Valkey) of our own, its data in `<place>/redis`; undefined when this machine has none. */
export async function runRedis(where: ServerPlace): Promise<PrivateRedis | undefined> {
  const binary = await chooseRedis(where);
  if (binary === undefined) return undefined;
  const home = serverHome(where.place, 'redis', where.owner);
  const password = readPassword(home, where.owner);
  const urlOn = (port: number) => `redis://:${password}@127.0.0.1:${port}`;

  const spec = redisSpec({ where, home, binary, password, urlOn });
  const server = await runPrivateServer(spec, where);
  const describe = `${spec.title} (${binary.file}) on port ${server.port}, data in ${home}`;
  return { ...server, url: urlOn(server.port), describe };
}

async function chooseRedis({ programs, owner }: ServerPlace): Promise<Binary | undefined> {
  for (const file of findPrograms(['redis-server', 'valkey-server'], programs, owner)) {
    const version = await versionOf(file, VERSION);
    if (version !== undefined) return { file, version };
  }
  return undefined;
}

/** Other users of this machine can connect to a port of it, so there is a password. */
function readPassword(home: string, owner: Owner | undefined): string {
  const file = join(home, 'password');
  if (!existsSync(file)) writeOwned(file, randomBytes(24).toString('hex'), owner);
  return readFileSync(file, 'utf8').trim();
}

function writeOwned(file: string, text: string, owner: Owner | undefined): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (owner !== undefined) chownSync(file, owner.uid, owner.gid);
}

interface RedisSpec {
  readonly where: ServerPlace;
  readonly home: string;
  readonly binary: Binary;
  readonly password: string;
  readonly urlOn: (port: number) => string;
}

function redisSpec({ where, home, binary, password, urlOn }: RedisSpec): ServerSpec {
  const pidFile = join(home, 'redis.pid');
  return {
    title: `${binary.file.includes('valkey') ? 'Valkey' : 'Redis'} ${binary.version}`,
    recordFile: join(where.dataDir, 'redis.json'),
    logFile: join(where.dataDir, 'redis.log'),
    stopSignal: 'SIGTERM',
    forceSignal: 'SIGKILL',
    command: (port) => {
      // In a file, as a command line can be read by everyone. Paths in it are relative to the working folder.
      writeOwned(join(home, 'redis.conf'), configuration(port, password), where.owner);
      return {
        file: binary.file,
        args: ['redis.conf'],
        cwd: home,
        env: { LC_ALL: 'C', TZ: 'UTC' },
        owner: where.owner,
      };
    },
    serves: (port) => servesFolder(urlOn(port), home),
    ownRecord: () => {
      const pid = Number(readLines(pidFile)[0]);
      return pid > 0 ? { pid, port: undefined } : undefined;
    },
    // Redis writes its address over its command line.
    isCommandLine: (line, port) => /(redis|valkey)-server/.test(line) && line.includes(`:${port}`),
    clearStale: () => rmSync(pidFile, { force: true }),
  };
}

function configuration(port: number, password: string): string {
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    'dir ./',
    'pidfile redis.pid',
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    // The append-only file has everything; snapshots would be written beside it.
    'save ""',
    'maxmemory-policy noeviction',
  ];
  return `${lines.join('\n')}\n`;
}

async function servesFolder(url: string, home: string): Promise<boolean> {
  try {
    const [, folder] = (await askRedis(url, (redis) => redis.config('GET', 'dir'))) as readonly string[];
    return folder !== undefined && realpathSync(folder) === home;
  } catch (error) {
    // Another Redis: it wants another password, or none.
    if (error instanceof Error && /WRONGPASS|NOAUTH|without any password|invalid password/i.test(error.message))
      return false;
    throw error;
  }
}

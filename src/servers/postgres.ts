import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, StartupError } from '../startup-error.ts';
import { type Binary, findPrograms, type Places, versionOf } from './binaries.ts';
import { embeddedPostgres } from './embedded-postgres.ts';
import { serverHome } from './home.ts';
import { type PrivateServer, runPrivateServer, type ServerSpec, type Telling } from './private-server.ts';
import type { Owner } from './process.ts';
import { askPostgres } from './reach.ts';
import { readLines } from './record.ts';

const VERSION = /\(PostgreSQL\) (\S+)/;
/** PostgreSQL answers "wrong password" and "no such user" with these: then it is not ours. */
const NOT_OURS = new Set(['28P01', '28000', '42501']);

export interface ServerPlace extends Telling {
  /** Where the record and the log are. */
  readonly dataDir: string;
  /** Where the server's own folder is: `dataDir`, unless its user cannot enter that. */
  readonly place: string;
  readonly owner: Owner | undefined;
  readonly programs: Places;
}

export interface PrivatePostgres extends PrivateServer {
  readonly url: string;
  readonly describe: string;
}

/** PostgreSQL of our own, its data in `<place>/postgres`. Throws a `StartupError`. */
export async function runPostgres(where: ServerPlace): Promise<PrivatePostgres> {
  const home = serverHome(where.place, 'postgres', where.owner);
  const data = join(home, 'data');
  const binary = await choosePostgres(where, data);
  const password = readPassword(home, where.owner);
  if (!existsSync(data)) await initialize(binary, home, where);
  const urlOn = (port: number) => `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;

  const spec = postgresSpec({ where, home, data: realpathSync(data), binary, urlOn });
  const server = await runPrivateServer(spec, where);
  const describe = `${spec.title} (${binary.file}) on port ${server.port}, data in ${data}`;
  return { ...server, url: urlOn(server.port), describe };
}

/** One that can read the data: a data folder belongs to one major version. */
async function choosePostgres(where: ServerPlace, data: string): Promise<Binary> {
  const major = readLines(join(data, 'PG_VERSION'))[0];
  const seen: string[] = [];
  for (const file of postgresFiles(where)) {
    const version = await versionOf(file, VERSION);
    if (version === undefined) continue;
    if (major === undefined || version.split('.')[0] === major) return { file, version };
    seen.push(version);
  }
  if (seen.length === 0)
    throw new StartupError(
      'PostgreSQL was not found: set DATABASE_URL, install postgresql, or install this package with its optional dependencies',
    );
  throw new StartupError(
    `The data in ${data} is of PostgreSQL ${major}, and only ${seen.join(', ')} was found: install that version, or set DATA_DIR`,
  );
}

/** Lazily: the package's PostgreSQL may have to be copied. */
function* postgresFiles({ programs, place, owner, progress }: ServerPlace): Generator<string> {
  const usable = findPrograms(['postgres'], programs, owner).map((file) => realpathSync(file));
  yield* usable.filter((file) => existsSync(join(dirname(file), 'initdb')));
  const embedded = embeddedPostgres(place, owner, progress);
  if (embedded !== undefined) yield embedded;
}

/** Other users of this machine can connect to a port of it, so there is a password. */
function readPassword(home: string, owner: Owner | undefined): string {
  const file = join(home, 'password');
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (owner !== undefined) chownSync(file, owner.uid, owner.gid);
  }
  return readFileSync(file, 'utf8').trim();
}

/** Built aside and renamed: after a kill in between, the next start does it again. */
async function initialize(binary: Binary, home: string, { owner, progress }: ServerPlace): Promise<void> {
  progress(`Creating a PostgreSQL ${binary.version} database in ${join(home, 'data')}`);
  const fresh = join(home, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  const args = ['-D', fresh, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${join(home, 'password')}`];
  try {
    await promisify(execFile)(join(dirname(binary.file), 'initdb'), [...args, '--encoding=UTF8', '--locale=C'], {
      cwd: home,
      env: serverEnv(),
      ...owner,
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const reason = stderr?.split('\n').find((line) => line.startsWith('initdb: ')) ?? reasonOf(error);
    throw new StartupError(`PostgreSQL cannot create its database: ${reason}`, { cause: error });
  }
  renameSync(fresh, join(home, 'data'));
}

/** Nothing of ours: PG* variables would change what the server does. */
function serverEnv(): Record<string, string> {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

interface PostgresSpec {
  readonly where: ServerPlace;
  readonly home: string;
  readonly data: string;
  readonly binary: Binary;
  readonly urlOn: (port: number) => string;
}

function postgresSpec({ where, home, data, binary, urlOn }: PostgresSpec): ServerSpec {
  const pidFile = join(data, 'postmaster.pid');
  const settings = [
    'listen_addresses=127.0.0.1',
    // The path of a socket has a limit of some 100 characters.
    'unix_socket_directories=',
    'max_connections=300',
  ];
  return {
    title: `PostgreSQL ${binary.version}`,
    recordFile: join(where.dataDir, 'postgres.json'),
    logFile: join(where.dataDir, 'postgres.log'),
    stopSignal: 'SIGINT',
    forceSignal: 'SIGQUIT',
    command: (port) => ({
      file: binary.file,
      args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      cwd: home,
      env: serverEnv(),
      owner: where.owner,
    }),
    serves: (port) => servesData(urlOn(port), data),
    // Line 1 is the pid, line 4 the port.
    ownRecord: () => {
      const lines = readLines(pidFile);
      return lines[0] === undefined ? undefined : { pid: Number(lines[0]), port: Number(lines[3]) || undefined };
    },
    isCommandLine: (line) => line.includes('postgres') && line.includes(data),
    // Its pid may be another process's by now, and PostgreSQL would then not start.
    clearStale: () => rmSync(pidFile, { force: true }),
  };
}

async function servesData(url: string, data: string): Promise<boolean> {
  try {
    const { data_directory: served } = await askPostgres(url, 'SHOW data_directory');
    return served === data;
  } catch (error) {
    if (NOT_OURS.has(String((error as { code?: unknown }).code))) return false;
    throw error;
  }
}

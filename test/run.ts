/**
 * `npm test`: finds or starts PostgreSQL and Redis, runs jest with the arguments given, and stops what it started.
 * `npm test -- test/unit` runs a part. With DATABASE_URL or REDIS_URL set those servers are used; databases of our own are
 * made there, and dropped.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { z } from 'zod';
import { findServers, type Servers } from '../src/servers/find-servers.ts';
import { DataDirInUse } from '../src/servers/lock.ts';
import { reasonOf, StartupError } from '../src/startup-error.ts';
import { ensureRedis } from './support/redis-tools.ts';

/** A second run at the same time takes the second, and so on. */
const DATA_DIRS = ['.data/test', '.data/test-2', '.data/test-3', '.data/test-4'];
const GENERATED_CLIENT = 'src/sagas/generated/client.ts';
const CONSOLE_PAGE = 'dist/console/index.html';
/** Every database of this run begins with it. */
const RUN_PREFIX = `backstep_test_${process.pid}`;

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  // Files that could not even be loaded: none of their tests is counted.
  numRuntimeErrorTestSuites: z.number(),
});

function say(line: string): void {
  console.log(`[test] ${line}`);
}

/** The exit code of a program that shares our terminal. */
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const forward = () => child.kill('SIGTERM');
  process.on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });
}

async function generateClient(): Promise<void> {
  if (existsSync(GENERATED_CLIENT)) return;
  say('Generating the Prisma client');
  const code = await run('npm', ['run', '--silent', 'generate']);
  if (code !== 0) throw new StartupError('prisma generate failed');
}

/** The browser tests look at what is in `dist/console`: it has to be what is in `console`. */
async function buildConsole(): Promise<void> {
  const builtAt = existsSync(CONSOLE_PAGE) ? statSync(CONSOLE_PAGE).mtimeMs : 0;
  const sources = readdirSync('console', { recursive: true, encoding: 'utf8' }).map((name) => join('console', name));
  if (sources.every((path) => statSync(path).mtimeMs <= builtAt)) return;
  say('Building the console');
  const code = await run('npm', ['run', '--silent', 'build:console']);
  if (code !== 0) throw new StartupError('npm run build:console failed');
}

/** In the first data folder that no other run has. */
async function startServers(): Promise<{ servers: Servers; dataDir: string }> {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, PATH = '' } = process.env;
  const path = redisUrl === undefined ? ensureRedis(PATH, '.data', say) : PATH;
  for (const dataDir of DATA_DIRS) {
    try {
      return { dataDir, servers: await findServers({ dataDir, databaseUrl, redisUrl, path, progress: say }) };
    } catch (error) {
      if (!(error instanceof DataDirInUse) || dataDir === DATA_DIRS.at(-1)) throw error;
    }
  }
  throw new Error('There is no data folder');
}

async function runJest(servers: Servers, report: string): Promise<number> {
  if (servers.queues.kind !== 'redis')
    throw new StartupError('The tests need a Redis: install redis-server, or set REDIS_URL');
  const env = {
    ...process.env,
    TEST_DATABASE_URL: servers.databaseUrl,
    TEST_REDIS_URL: servers.queues.url,
    TEST_RUN: RUN_PREFIX,
    // Nothing of the caller's shell may decide what the tests see.
    DATABASE_URL: undefined,
    REDIS_URL: undefined,
  };
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  return run(process.execPath, [...jest, '--json', `--outputFile=${report}`, ...process.argv.slice(2)], env);
}

/** What tests that were interrupted left behind, and the template. */
async function dropDatabases(url: string): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)`,
      [`${RUN_PREFIX}_`],
    );
    for (const { name } of rows) await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
  } finally {
    await admin.end();
  }
}

/** CI reads this last line. */
function summary(report: string, code: number): string {
  if (!existsSync(report)) return `0 passed, ${code === 0 ? 0 : 1} failed`;
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = reportSchema.parse(
    JSON.parse(readFileSync(report, 'utf8')),
  );
  return `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`;
}

async function main(): Promise<number> {
  await generateClient();
  await buildConsole();
  const { servers, dataDir } = await startServers();
  const report = join(dataDir, 'report.json');
  rmSync(report, { force: true });
  servers.describe.forEach(say);
  let code = 1;
  try {
    if (interrupted) throw new StartupError('Interrupted');
    code = await runJest(servers, report);
    await dropDatabases(servers.databaseUrl);
  } finally {
    await servers.stop();
    console.log(summary(report, code));
  }
  return code;
}

let interrupted = false;
// Ctrl-C reaches jest too, as it is in our process group; we go on to stop the servers when it has ended.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (interrupted = true));

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof StartupError ? `[test] ${reasonOf(error)}` : error);
  process.exitCode = 1;
}

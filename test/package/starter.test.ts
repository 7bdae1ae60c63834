import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commandLine } from '../support/command-line.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase, testPrefix, testRedisUrl } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { Project } from '../support/package.ts';
import { createProject, packedTarball } from '../support/package.ts';
import { freePort } from '../support/port.ts';

let project: Project;
let database: TestDatabase;

type Files = Readonly<Record<string, string>>;

/** Long: it compiles, packs and installs. */
const INSTALL_MS = 300_000;

beforeAll(async () => {
  // As a reader's: there is nothing of the billing example in it.
  database = await createTestDatabase({ migrated: false });
  const tarball = await packedTarball();
  const files = await initialized();
  const manifest = JSON.parse(files['package.json'] ?? '') as { version: string; dependencies: Record<string, string> };
  manifest.dependencies['backstep'] = `file:${tarball.file}`;
  project = await createProject({ ...files, 'package.json': JSON.stringify(manifest) });
  await tarball.remove();
}, INSTALL_MS);

afterAll(async () => {
  await project.remove();
  await database.drop();
});

/** What `backstep init` writes. */
async function initialized(): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'backstep-starter-'));
  const { code, stderr } = await commandLine(['init', folder, '--name', 'trips']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const files = await readAll(folder);
  await rm(folder, { recursive: true });
  return files;
}

async function readAll(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const;
  return Object.fromEntries(await Promise.all(paths.map(read)));
}

test('the package writes the same project as this repository does', async () => {
  const [ours, folder] = [await initialized(), join(project.folder, 'again')];
  await project.run('npx', ['backstep', 'init', folder, '--name', 'trips']);
  expect(await readAll(folder)).toEqual(ours);
  await rm(folder, { recursive: true });
});

test('its test passes', async () => {
  expect(await project.run('npm', ['test'])).toMatch(/# pass 2\n# fail 0/);
});

test('its types are right', async () => {
  await project.run('npm', ['run', 'types']);
});

test('it starts, and a saga completes, and one that is refused is undone', async () => {
  const port = String(await freePort());
  const { stop, said, hasEnded } = await startProject({
    DATABASE_URL: database.url,
    REDIS_URL: testRedisUrl(),
    QUEUE_PREFIX: testPrefix(),
    PORT: port,
    AUTOSCALE_MAX: '1',
  });
  try {
    await eventually(() => said().includes('Backstep is ready') || hasEnded(), { timeoutMs: 40_000 });
    expect(hasEnded()).toBe(false);
    const start = (amountCents: number) =>
      post(`http://127.0.0.1:${port}/api/sagas/TRIP_BOOKING`, { traveller: 'Ada', city: 'Lisbon', amountCents });
    const [good, refused] = await Promise.all([start(12_000), start(100_001)]);
    expect(await endOf(port, good)).toMatchObject({ status: 'COMPLETED', state: { city: 'Lisbon' } });
    expect(await endOf(port, refused)).toMatchObject({ status: 'COMPENSATED' });
  } catch (error) {
    throw new Error(`The starter said:\n${said()}`, { cause: error });
  } finally {
    await stop();
  }
});

/** What `npm start` runs. */
async function startProject(env: NodeJS.ProcessEnv) {
  const { scripts } = JSON.parse(await readFile(join(project.folder, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const [program = '', ...args] = scripts.start.split(' ');
  const { PATH, HOME } = process.env;
  const child = spawn(join(project.folder, 'node_modules/.bin', program), args, {
    cwd: project.folder,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    said: () => text,
    hasEnded: () => child.exitCode !== null,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

async function post(url: string, body: object): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { sagaId: string }).sagaId;
}

async function endOf(port: string, sagaId: string): Promise<unknown> {
  return eventually(
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/api/sagas/${sagaId}`);
      const saga = (await response.json()) as { status: string };
      if (saga.status === 'RUNNING' || saga.status === 'COMPENSATING') throw new Error(JSON.stringify(saga));
      return saga;
    },
    { timeoutMs: 30_000 },
  );
}

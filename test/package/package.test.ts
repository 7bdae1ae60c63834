import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VARIABLES } from '../../src/environment/variables.ts';
import { createTestDatabase, testPrefix, testRedisUrl, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createProject, packedTarball, type PackedTarball, type Project, versionOf } from '../support/package.ts';

jest.setTimeout(300_000);

let tarball: PackedTarball;
let project: Project;
let database: TestDatabase;
const running = new Set<ChildProcess>();

const parts = async (...names: string[]) =>
  Promise.all(names.map((name) => readFile(`test/package/project/${name}`, 'utf8')));

// prettier-ignore
const tsconfig = {
  compilerOptions: {
    target: 'es2023', lib: ['es2023'], module: 'nodenext', strict: true, noUncheckedIndexedAccess: true,
    rootDir: 'src', outDir: 'dist', types: ['node'], skipLibCheck: false,
  },
  include: ['src'],
};

beforeAll(async () => {
  const [schema = '', tables = '', service = '', plain = ''] = await parts(
    'schema.prisma',
    'tables.sql',
    'service.ts',
    'service.js',
  );
  tarball = await packedTarball();
  const versions = ['@types/express', '@types/node'].map(async (name) => `${name}@${await versionOf(name)}`);
  project = await createProject(
    {
      'package.json': JSON.stringify({ name: 'shop', private: true, type: 'module' }),
      'tsconfig.json': JSON.stringify(tsconfig),
      'prisma/schema.prisma': schema,
      'src/service.ts': service,
      'service.js': plain,
    },
    [tarball.file, 'express4@npm:express@4', ...(await Promise.all(versions))],
  );
  // Prisma's and TypeScript's programs are the ones from here: they are large, and not what is tested.
  const schemaFile = join(project.folder, 'prisma/schema.prisma');
  await project.run(
    process.execPath,
    [resolve('node_modules/prisma/build/index.js'), 'generate', '--schema', schemaFile],
    {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    },
  );
  database = await createTestDatabase({ migrated: false });
  await database.sql.query(tables);
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await database?.drop();
  await project?.remove();
  await tarball?.remove();
});

test('the package holds neither the example nor anything of the development', () => {
  const strangers = tarball.contents.filter((path) =>
    /billing|^dist\/(sagas|example)\/|^dist.*\.test\.|^(src|test|bench)\//.test(path),
  );
  expect(strangers).toEqual([]);
  expect(tarball.contents.filter((path) => path.includes('generated') && /Plan|Payment|Device/.test(path))).toEqual([]);
  for (const path of ['dist/index.d.ts', 'dist/cli/main.js', 'dist/console/index.html', 'LICENSE', 'README.md'])
    expect(tarball.contents).toContain(path);
});

test('its exports are found with their types by every kind of ES module', async () => {
  await project.run('npx', ['--prefix', process.cwd(), 'publint', 'run', tarball.file, '--strict']);
  const attw = resolve('node_modules/@arethetypeswrong/cli/dist/index.js');
  await project.run(process.execPath, [attw, tarball.file, '--profile', 'esm-only']);
});

test('importing it opens nothing, reads nothing, and loads neither HTTP nor Prisma nor the command line', async () => {
  await mkdir(join(project.folder, 'loaded'));
  const program = `
    const seen = [];
    process.env = new Proxy({}, { get: (_, name) => void seen.push(name), has: () => false });
    await import('backstep');
    const open = process.getActiveResourcesInfo().filter((each) => !/Pipe|TTY|FS|Close/.test(each));
    console.log(JSON.stringify([open, seen.filter((name) => ${JSON.stringify(Object.keys(VARIABLES).filter((name) => name !== 'PATH'))}.includes(name))]));`;
  const said = await project.run(process.execPath, ['--input-type=module', '--eval', program], {
    NODE_V8_COVERAGE: join(project.folder, 'loaded'),
  });
  expect(JSON.parse(said)).toEqual([[], []]);
  const [report = ''] = await readdir(join(project.folder, 'loaded'));
  const { result } = JSON.parse(await readFile(join(project.folder, 'loaded', report), 'utf8')) as {
    result: { url: string }[];
  };
  const packages = new Set(result.flatMap(({ url }) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
  expect(packages).toContain('bullmq');
  for (const name of ['express', 'helmet', '@prisma/client', '@bull-board/api', 'pino', 'tsx'])
    expect(packages).not.toContain(name);
  expect(result.filter(({ url }) => /backstep\/dist\/(cli|generated|servers|http\/app)/.test(url))).toEqual([]);
});

describe('in an application with tables of its own', () => {
  const url = (schema?: string) => `${database.url}${schema === undefined ? '' : `?schema=${schema}`}`;
  const backstep = (args: readonly string[], env: Record<string, string>) =>
    project.run('npx', ['backstep', ...args], env);

  test("its schema is refused, and the one beside it gets Backstep's tables", async () => {
    await expect(backstep(['migrate'], { DATABASE_URL: url() })).rejects.toThrow(/\?schema=backstep/);
    await backstep(['migrate'], { DATABASE_URL: url('backstep') });
    const { rows } = await database.sql.query(
      `SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE tablename IN ('outbox', 'saga_state', 'plans') ORDER BY 1`,
    );
    expect(rows.map(({ name }: { name: string }) => name)).toEqual([
      'backstep.outbox',
      'backstep.saga_state',
      'public.outbox',
    ]);
  });

  test('a command that needs sagas says so', async () => {
    await expect(backstep(['worker'], { DATABASE_URL: url('backstep') })).rejects.toThrow(/--sagas FILE/);
    await expect(backstep(['sandbox'], {})).rejects.toThrow(/Unknown command sandbox/);
  });

  test('TypeScript on Express 5, with its own login', async () => {
    await project.run(process.execPath, [resolve('node_modules/typescript/bin/tsc')]);
    const service = await startService('dist/service.js', {
      DATABASE_URL: url(),
      REDIS_URL: testRedisUrl(),
      PREFIX: testPrefix(),
    });
    const api = client(`${service.url}/backstep`, { 'x-user': 'ada' });
    expect((await fetch(`${service.url}/backstep/api/sagas`)).status).toBe(401);
    expect(await api.run('PLACE_ORDER', { sku: 'a' })).toMatchObject({ status: 'COMPLETED', state: { orderId: 1 } });
    expect(await api.run('PLACE_ORDER', { sku: 'b', refused: true })).toMatchObject({
      status: 'COMPENSATED',
      error: 'No carrier takes it',
    });
    expect(await (await fetch(`${service.url}/orders`)).json()).toEqual([
      { id: 1, sku: 'a', status: 'RESERVED' },
      { id: 2, sku: 'b', status: 'RELEASED' },
    ]);
    await eventually(() => service.said().split('consumed {').length === 3);
    await service.stop();
  });

  test('plain JavaScript on Express 4, with keys, deeper', async () => {
    const service = await startService('service.js', {
      DATABASE_URL: url(),
      REDIS_URL: testRedisUrl(),
      PREFIX: testPrefix(),
    });
    const api = client(`${service.url}/deep/in/here`, { authorization: 'Bearer a-key-that-nobody-guesses' });
    expect(await api.run('RETURN_ORDER', { sku: 'a' })).toMatchObject({ status: 'COMPLETED' });
    expect(await api.run('RETURN_ORDER', { sku: 'b', refused: true })).toMatchObject({ status: 'COMPENSATED' });
    const page = await (await fetch(`${service.url}/deep/in/here/console/login`)).text();
    expect(page).toContain('src="/deep/in/here/console/assets/');
    const { rows } = await database.sql.query(`SELECT text FROM public.outbox ORDER BY id`);
    expect(rows.map(({ text }: { text: string }) => text)).toEqual([
      'reserved a',
      'reserved b',
      'returned a',
      'returned b',
      'kept b',
    ]);
    await service.stop();
  });
});

async function startService(file: string, env: Record<string, string>) {
  const { NODE_OPTIONS: _ours, ...inherited } = process.env;
  const child = fork(join(project.folder, file), {
    cwd: project.folder,
    env: { ...inherited, ...env },
    silent: true,
    execArgv: [],
  });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  const ended = once(child, 'exit');
  const ready = once(child, 'message').then(([message]) => (message as { url: string }).url);
  const url = await Promise.race([ready, ended.then(() => Promise.reject(new Error(`${file} ended: ${said}`)))]);
  return {
    url,
    said: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      // Nothing of ours keeps it alive.
      expect(await ended).toEqual([0, null]);
    },
  };
}

function client(base: string, headers: Record<string, string>) {
  const call = async (path: string, init: object = {}) => {
    const response = await fetch(base + path, { ...init, headers: { ...headers, 'content-type': 'application/json' } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    /** Starts a saga, and answers it when it has ended. */
    run: async (type: string, input: object) => {
      const { status, body } = await call(`/api/sagas/${type}`, { method: 'POST', body: JSON.stringify(input) });
      expect(status).toBe(202);
      return eventually(async () => {
        const saga = (await call(`/api/sagas/${String(body['sagaId'])}`)).body;
        return ['RUNNING', 'COMPENSATING'].includes(String(saga['status'])) ? undefined : saga;
      });
    },
  };
}

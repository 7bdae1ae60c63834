import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readConfig } from '../../src/config.ts';
import { migrate } from '../../src/store/database/migrate.ts';
import { createTestDatabase, type TestDatabase, testPrefix, testRedisUrl } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/port.ts';
import { gone, isRunning, type Program, runTypeScript } from '../support/process.ts';

let scratch: string;
let running: Program[];

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'backstep-cli-'));
  await chmod(scratch, 0o711);
  running = [];
});

afterEach(async () => {
  for (const program of running) {
    program.kill('SIGTERM');
    await program.exited;
  }
  await rm(scratch, { recursive: true });
});

function backstep(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const program = runTypeScript('src/main.ts', args, { DATA_DIR: join(scratch, 'data'), PORT: '0', ...env });
  running.push(program);
  return program;
}

/** Runs to the end, which must be a failure told in one line. */
async function failureOf(args: readonly string[], env: NodeJS.ProcessEnv = {}, code = 1): Promise<string> {
  const program = backstep(args, env);
  expect(await program.exited).toEqual({ code, signal: null });
  expect(program.stderr()).toMatch(/^backstep: [^\n]+\n$/);
  return program.stderr();
}

async function moduleFile(name: string, source: string): Promise<string> {
  const file = join(scratch, name);
  await writeFile(join(scratch, 'package.json'), '{ "type": "module" }');
  const zod = pathToFileURL(createRequire(import.meta.url).resolve('zod')).href;
  await writeFile(file, source.replaceAll('BACKSTEP', pathToFileURL('src/index.ts').href).replaceAll('ZOD', zod));
  return file;
}

async function readRecord(name: string): Promise<{ pid: number }> {
  return JSON.parse(await readFile(join(scratch, 'data', name), 'utf8')) as { pid: number };
}

const GREETING = `
  import { defineSaga, NOTHING_TO_UNDO, route } from 'BACKSTEP';
  import { z } from 'ZOD';
  export const greeting = defineSaga('GREETING', { input: z.object({ name: z.string() }) })
    .step('GREET', { execute: ({ input }: { input: { name: string } }) => ({ said: 'Hello ' + input.name }), compensate: NOTHING_TO_UNDO });
`;

describe('what cannot start says why in one line', () => {
  test('an unknown command', async () => {
    expect(await failureOf(['devv'], {}, 2)).toBe(
      'backstep: Unknown command devv: expected dev, api, worker, autoscale, migrate, init, key, sandbox, sagas, tasks, queues, audit\n',
    );
  });

  test('an unknown option', async () => {
    expect(await failureOf(['dev', '--prot', '1'], {}, 2)).toMatch(/--prot/);
  });

  test('a malformed setting', async () => {
    expect(await failureOf(['dev'], { PORT: 'http' })).toMatch(/PORT: expected a whole number .*, got "http"/);
    expect(await failureOf(['dev', '--port', '99999'])).toMatch(/PORT: expected .*, got "99999"/);
  });

  test('an API that others reach and that asks nobody for a key', async () => {
    for (const command of ['dev', 'api'])
      expect(await failureOf([command, '--host', '0.0.0.0'])).toMatch(/HOST 0\.0\.0\.0 .*API_KEYS is not set: set it/);
  });

  test('a key for no role, or for a name that is one', async () => {
    expect(await failureOf(['key'], {}, 2)).toMatch(/--role: expected one of viewer, starter, operator, got none/);
    expect(await failureOf(['key', '--role', 'viewer', '--name', 'operator'], {}, 2)).toMatch(/--name: .*got operator/);
  });

  test('a port in use, before anything is started', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    for (const command of ['dev', 'api', 'sandbox']) {
      const line = await failureOf([command, '--port', String(port)], { DATABASE_URL: 'postgresql://127.0.0.1:1/x' });
      expect(line).toBe(`backstep: Port ${port} on 127.0.0.1 is in use: take another with --port or PORT\n`);
    }
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(['dev', 'api', 'worker', 'autoscale', 'migrate'])(
    '%s at a DATABASE_URL that leads nowhere',
    async (command) => {
      const DATABASE_URL = `postgresql://app:s3cret@127.0.0.1:${await freePort()}/shop`;
      const line = await failureOf([command], { DATABASE_URL });
      expect(line).toMatch(
        /PostgreSQL at postgresql:\/\/app:\*\*\*@127\.0\.0\.1:\d+\/shop .*cannot be reached: .*ECONNREFUSED/,
      );
      expect(line).not.toContain('s3cret');
    },
  );

  test.each(['api', 'worker', 'autoscale', 'migrate'])('%s without a DATABASE_URL', async (command) => {
    expect(await failureOf([command])).toMatch(/DATABASE_URL is not set: expected postgresql:/);
  });

  test('a saga module that does not exist, throws, does not parse or exports no saga', async () => {
    const missing = join(scratch, 'missing.ts');
    expect(await failureOf(['dev', '--sagas', missing])).toMatch(/Saga module .*missing\.ts does not exist/);
    const throws = await moduleFile('throws.ts', `throw new Error('no token\\n here');`);
    expect(await failureOf(['dev', '--sagas', throws])).toMatch(
      /throws\.ts cannot be loaded: no token here \(\/.*throws\.ts:1:\d+\)$/m,
    );
    const broken = await moduleFile('broken.ts', `export const = 1`);
    expect(await failureOf(['dev', '--sagas', broken])).toMatch(/broken\.ts cannot be loaded: /);
    const empty = await moduleFile('empty.ts', `export const answer = 42; export const nothing = null;`);
    expect(await failureOf(['dev', '--sagas', empty])).toMatch(
      /empty\.ts exports no saga: export what defineSaga returns/,
    );
  });
});

test('a new key is known by its entry, in which it is not', async () => {
  const program = backstep(['key', '--role', 'starter', '--name', 'shop']);
  expect(await program.exited).toEqual({ code: 0, signal: null });
  const [key = '', entry = ''] =
    program
      .stdout()
      .match(/^ {2}\S+$/gm)
      ?.map((line) => line.trim()) ?? [];
  expect(Buffer.from(key, 'base64url')).toHaveLength(32);
  expect(entry).not.toContain(key);
  expect(readConfig({ API_KEYS: entry }).apiKeys).toEqual(readConfig({ API_KEYS: `${key}:starter:shop` }).apiKeys);
});

describe('on servers that are given', () => {
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url, REDIS_URL: testRedisUrl(), QUEUE_PREFIX: testPrefix(), LOG_LEVEL: 'info' };
  });

  afterEach(async () => {
    for (const program of running) {
      program.kill('SIGTERM');
      await program.exited;
    }
    await database.drop();
  });

  test('a database that is newer than the code is refused', async () => {
    await database.sql.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99990101_next', now())`,
    );
    for (const command of ['dev', 'migrate'])
      expect(await failureOf([command], env)).toMatch(/database is newer than the code/);
  });

  test('a database that lacks a migration is refused by what needs it, and migrate mends it', async () => {
    const empty = await createTestDatabase({ migrated: false });
    const given = { ...env, DATABASE_URL: empty.url };
    for (const command of ['api', 'worker', 'autoscale'])
      expect(await failureOf([command], given)).toMatch(/Run: backstep migrate/);
    const program = backstep(['migrate'], given);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(await migrate(empty.url)).toEqual({ applied: [] });
    await empty.drop();
  });

  test('a definition that cannot run, or two of one type, are refused by name', async () => {
    const file = await moduleFile('greeting.ts', GREETING);
    const again = await moduleFile('again.ts', GREETING);
    expect(await failureOf(['worker', '--sagas', file, '--sagas', again], env)).toMatch(
      /Saga GREETING is defined twice/,
    );
    const bad = await moduleFile('bad.ts', `export default () => { throw new Error('no broker') }`);
    expect(await failureOf(['worker', '--sagas', bad], env)).toMatch(/bad\.ts cannot start: no broker/);
    const wrong = await moduleFile('wrong.ts', `export default () => ({ saga: [] })`);
    expect(await failureOf(['worker', '--sagas', wrong], env)).toMatch(/wrong\.ts: its default function must return/);
  });

  test('api and worker run the sagas and routes of a module, and end cleanly on SIGTERM', async () => {
    const file = await moduleFile(
      'greeting.ts',
      `${GREETING}
      export default ({ settings }: { settings: Record<string, string> }) => ({
        sagas: [],
        routes: [route({ method: 'get', path: '/greeting', role: 'public', summary: 'x',
          responses: { 200: { description: 'x' } },
          handler: async () => ({ status: 200, body: { from: settings.GREETER } }) })],
      });`,
    );
    const given = { ...env, GREETER: 'the module' };
    const [api, worker] = [backstep(['api', '--sagas', file], given), backstep(['worker', '--sagas', file], given)];
    const url = await eventually(() => /"url":"(http:[^"]+)"/.exec(api.stdout())?.[1]);
    await eventually(() => worker.stdout().includes('worker ready'));
    expect(await (await fetch(`${url}/greeting`)).json()).toEqual({ from: 'the module' });

    const sagaId = await startSaga(`${url}/api/sagas/GREETING`, { name: 'Ann' });
    await eventually(async () => (await statusOf(url, sagaId)) === 'COMPLETED');
    for (const program of [api, worker]) {
      program.kill('SIGTERM');
      expect(await program.exited).toEqual({ code: 0, signal: null });
      expect(program.stderr()).toBe('');
    }
  });

  test('without a REDIS_URL the queues are kept in PostgreSQL, and that is said', async () => {
    const file = await moduleFile('greeting.ts', GREETING);
    const given = { ...env, REDIS_URL: '' };
    const [api, worker] = [backstep(['api', '--sagas', file], given), backstep(['worker', '--sagas', file], given)];
    const url = await eventually(() => /"url":"(http:[^"]+)"/.exec(api.stdout())?.[1]);
    await eventually(() => worker.stdout().includes('worker ready'));
    expect(worker.stdout()).toContain('the queues are kept in PostgreSQL');
    const sagaId = await startSaga(`${url}/api/sagas/GREETING`, { name: 'Ann' });
    await eventually(async () => (await statusOf(url, sagaId)) === 'COMPLETED');
  });
});

describe('backstep dev', () => {
  const READY = /Backstep is ready[\s\S]+API +([^\s,]+)[\s\S]+curl (.+)\n/;

  async function dev(env: NodeJS.ProcessEnv = {}): Promise<{ program: Program; url: string }> {
    const program = backstep(['dev'], env);
    const url = await eventually(
      () => {
        if (program.stderr() !== '') throw new Error(program.stderr());
        return READY.exec(program.stdout())?.[1];
      },
      { timeoutMs: 40_000 },
    );
    return { program, url };
  }

  function workerPid({ stdout }: Program): number {
    return Number(
      stdout()
        .match(/"role":"worker","pid":(\d+)/g)
        ?.at(-1)
        ?.replace(/\D+/, ''),
    );
  }

  test('comes up from nothing, refunds a payment, and Ctrl-C ends all of it', async () => {
    const { program, url } = await dev();
    const response = await post(`${url}/api/billing/payments/pay-0001/refund`, { amount: 100, reason: 'Broken' });
    const { sagaId } = (await response.json()) as { sagaId: string };
    await eventually(async () => (await statusOf(url, sagaId)) === 'COMPLETED');
    expect((await fetch(`${url}/admin/queues`)).status).toBe(200);
    // The start was counted by the API, the end by the worker.
    const total = (status: string) => `saga_total{type="PAYMENT_REFUND",status="${status}"} 1\n`;
    await eventually(async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.includes(total('RUNNING')) && text.includes(total('COMPLETED'));
    });

    const pids = [workerPid(program), (await readRecord('postgres.json')).pid, (await readRecord('redis.json')).pid];
    expect(pids.map(isRunning)).toEqual([true, true, true]);
    program.kill('SIGINT');
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(pids.map(isRunning)).toEqual([false, false, false]);
    expect(program.stderr()).toBe('');
    // The next start has everything, and offers a payment that is not refunded yet.
    const again = await dev();
    expect(await statusOf(again.url, sagaId)).toBe('COMPLETED');
    expect(READY.exec(again.program.stdout())?.[2]).toContain('pay-0002');
  });

  test('a worker that dies is started again, and one whose parent is killed ends', async () => {
    const { program, url } = await dev();
    const first = workerPid(program);
    process.kill(first, 'SIGKILL');
    const second = await eventually(() => workerPid(program) !== first && workerPid(program));
    await eventually(() => program.stdout().split('worker ready').length > 2);

    program.kill('SIGKILL');
    await program.exited;
    await gone(second);
    await expect(fetch(url)).rejects.toThrow();
    // The servers are still there; the next start takes them over, and its end ends them.
    const { pid } = await readRecord('postgres.json');
    expect(isRunning(pid)).toBe(true);
    const next = await dev();
    expect(next.program.stdout()).toContain('taken over');
    next.program.kill('SIGTERM');
    expect(await next.program.exited).toEqual({ code: 0, signal: null });
    expect(isRunning(pid)).toBe(false);
  });

  test('a second one in the same data folder is refused, and the first goes on', async () => {
    const { program, url } = await dev();
    expect(await failureOf(['dev'])).toMatch(new RegExp(`data folder .* is in use by process ${program.pid}`));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('a failure at the end of the start leaves nothing running', async () => {
    const bad = await moduleFile('bad.ts', `export default () => { throw new Error('no broker') }`);
    expect(await failureOf(['dev', '--sagas', bad])).toMatch(/bad\.ts cannot start: no broker/);
    for (const name of ['postgres.json', 'redis.json']) expect(await readRecord(name)).not.toHaveProperty('pid');
  });

  test('an interrupt during the start is no failure', async () => {
    const program = backstep(['dev']);
    await eventually(() => program.stdout().includes('Starting PostgreSQL'));
    program.kill('SIGINT');
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stdout()).not.toContain('Backstep is ready');
    expect(await readRecord('postgres.json')).not.toHaveProperty('pid');
  });
});

test('help says what there is, for the program and for a command', async () => {
  for (const args of [['--help'], ['dev', '--help'], ['worker', '-h']]) {
    const program = backstep(args);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    const words = args.length === 1 ? ['worker', 'migrate', 'sagas list'] : ['--sagas', 'SAGA_MODULES'];
    for (const word of ['dev', 'DATABASE_URL', ...words]) expect(program.stdout()).toContain(word);
  }
});

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

async function startSaga(url: string, input: object): Promise<string> {
  const response = await post(url, input);
  expect(response.status).toBe(202);
  return ((await response.json()) as { sagaId: string }).sagaId;
}

async function statusOf(url: string, sagaId: string): Promise<string> {
  const saga = (await (await fetch(`${url}/api/sagas/${sagaId}`)).json()) as { status: string };
  return saga.status;
}

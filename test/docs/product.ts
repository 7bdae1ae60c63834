import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { createTestDatabase, testPrefix, testRedisUrl } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/port.ts';
import { ENTRIES, writeText } from './modules.ts';

/** A reader's machine: a shell with `backstep` in it, servers, and at most one product that runs. */
export interface Machine {
  /** The address of what the reader started last. */
  readonly url: string;
  readonly databaseUrl: string;
  /** Runs a block in the folder, and ends with the shell's exit code. What it exports stays for the next. */
  run(text: string): Promise<{ readonly code: number; readonly output: string }>;
  /** Starts what serves until it is stopped, in place of what served before. */
  serve(text: string): Promise<void>;
  close(): Promise<void>;
}

/** An operator's, in documents whose product asks for keys. */
export const OPERATOR_KEY = randomBytes(32).toString('base64url');
const READY = 'Backstep is ready';

/** `folder` is the reader's working directory; the files of the document are there. */
export async function openMachine(folder: string, { keys }: { readonly keys: boolean }): Promise<Machine> {
  const database = await createTestDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let serving: Served | undefined;
  installShims(folder);
  const env = environmentOf(folder, { port, databaseUrl: database.url, keys });
  const shell = (text: string) => `set -euo pipefail\n[ -f .exports ] && . ./.exports\n${text}\nexport -p > .exports\n`;
  return {
    url,
    databaseUrl: database.url,
    run: async (text) => {
      const { exited, output } = start(shell(text), folder, env);
      return { code: await exited, output: output() };
    },
    serve: async (text) => {
      await serving?.stop();
      serving = start(`set -euo pipefail\n[ -f .exports ] && . ./.exports\n${text}`, folder, env);
      const { output, exited } = serving;
      let ended = false;
      void exited.then(() => (ended = true));
      await eventually(
        () => {
          if (output().includes(READY)) return true;
          return ended ? 'ended' : undefined;
        },
        { timeoutMs: 60_000 },
      );
      if (ended) throw new Error(`It does not serve: ${output()}`);
    },
    close: async () => {
      await serving?.stop();
      await database.drop();
    },
  };
}

interface Served {
  readonly exited: Promise<number>;
  readonly output: () => string;
  stop(): Promise<void>;
}

/** In a process group of its own: what a shell started ends with it. */
function start(script: string, folder: string, env: NodeJS.ProcessEnv): Served {
  const child = spawn('bash', ['-c', script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<number>((done) => child.once('close', (code) => done(code ?? 1)));
  return {
    exited,
    output: () => text,
    stop: async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await exited;
    },
  };
}

function environmentOf(
  folder: string,
  { port, databaseUrl, keys }: { readonly port: number; readonly databaseUrl: string; readonly keys: boolean },
): NodeJS.ProcessEnv {
  const { PATH = '', HOME } = process.env;
  return {
    PATH: [join(folder, 'bin'), PATH].join(delimiter),
    HOME,
    DATABASE_URL: databaseUrl,
    REDIS_URL: testRedisUrl(),
    QUEUE_PREFIX: testPrefix(),
    DATA_DIR: join(folder, '.data'),
    PORT: String(port),
    AUTOSCALE_MAX: '1',
    LOG_LEVEL: 'warn',
    BACKSTEP_URL: `http://127.0.0.1:${port}`,
    ...(keys ? { API_KEYS: `${OPERATOR_KEY}:operator:alice`, BACKSTEP_KEY: OPERATOR_KEY } : {}),
    // What the examples assume is there for them, in the workers too.
    NODE_OPTIONS: `--import tsx --import ${resolve('test/docs/assumed.ts')}`,
  };
}

/** The package as a reader has it: `import 'backstep'`, `npx backstep`. */
function installShims(folder: string): void {
  const fileOf = (name: string) => `./${name.replace('/', '-')}.js`;
  for (const [name, path] of ENTRIES)
    writeText(folder, `node_modules/backstep/${fileOf(name)}`, `export * from ${JSON.stringify(resolve(path))};\n`);
  const exported = ENTRIES.map(([name]) => [name.replace('backstep', '.'), fileOf(name)]);
  const manifest = { name: 'backstep', type: 'module', exports: Object.fromEntries(exported) as object };
  writeText(folder, 'node_modules/backstep/package.json', JSON.stringify(manifest));
  const main = resolve('src/main.ts');
  const scripts = {
    backstep: `exec node ${main} "$@"`,
    npx: '[ "$1" = backstep ] || { echo "npx $1 is not known here" >&2; exit 127; }\nexec "$@"',
  };
  for (const [name, script] of Object.entries(scripts))
    chmodSync(writeText(folder, `bin/${name}`, `#!/bin/bash\n${script}\n`), 0o755);
}

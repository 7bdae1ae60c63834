import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Copy, type Dockerfile, DockerfileParser, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { readConfig } from '../../src/config.ts';
import { VARIABLES } from '../../src/environment/variables.ts';

// There is no engine here to build it: what it says of the repository has to be true, and the rest is linted.

const FINAL = 'the last stage';
let text: string;
let file: Dockerfile;
let ignored: readonly string[];
let scripts: Readonly<Record<string, string>>;

beforeAll(async () => {
  text = await readFile('Dockerfile', 'utf8');
  file = DockerfileParser.parse(text);
  ignored = (await readFile('.dockerignore', 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  ({ scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> });
});

const stages = () => new Map(file.getFROMs().map((from) => [from.getBuildStage() ?? FINAL, from.getImage()]));
const of = (keyword: string): readonly Instruction[] =>
  file.getInstructions().filter((instruction) => instruction.getKeyword() === keyword);
const wordsOf = (instruction: Instruction): readonly string[] =>
  instruction.getArguments().map((argument) => argument.getValue());
const copies = () =>
  file.getCOPYs().map((copy: Copy) => {
    const from = copy.getFlags().find((flag) => flag.getName() === 'from');
    return { from: from?.getValue() ?? undefined, sources: wordsOf(copy).slice(0, -1) };
  });

test('has no mistake that the linter knows', () => {
  expect(validate(text).map(({ message }) => message)).toEqual([]);
  expect(validate('FROM node\nCOPPY a b\n')).toHaveLength(1);
});

test('copies what there is, and the context has what it copies and no more', () => {
  const context = copies().flatMap(({ from, sources }) => (from === undefined ? sources : []));
  expect(context.filter((source) => !existsSync(source))).toEqual([]);
  expect(ignored[0]).toBe('*');
  const allowed = ignored.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  expect(allowed.sort()).toEqual([...new Set(context)].sort());
});

test('copies from stages that there are', () => {
  const from = copies().flatMap((copy) => copy.from ?? []);
  expect(from.length).toBeGreaterThan(0);
  for (const name of from) expect([...stages().keys()]).toContain(name);
});

test('runs scripts that there are', () => {
  const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(0);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

test('keeps what the generated client imports of Prisma', async () => {
  const [, kept = ''] = /! -name '(query_compiler_[\w.]+)\*'/.exec(text) ?? [];
  const client = await readFile('src/generated/client/internal/class.ts', 'utf8');
  const imported = [...client.matchAll(/import\("@prisma\/client\/runtime\/(query_compiler_[^"]+)"/g)];
  expect(imported).toHaveLength(2);
  for (const [, name] of imported) expect(name?.startsWith(kept)).toBe(true);
});

test('ends as a user without rights, who starts the program by a signal-safe form', () => {
  expect(of('USER').map(wordsOf)).toEqual([['node']]);
  const [entry] = file.getENTRYPOINTs();
  expect(entry?.getJSONStrings().map((word) => word.getJSONValue())).toEqual(['node', 'dist/main.js']);
  expect(existsSync('src/main.ts')).toBe(true);
});

test('sets variables that Backstep reads, with values it takes', () => {
  const set = Object.fromEntries(
    file.getENVs().flatMap((env) => env.getProperties().map((each) => [each.getName(), each.getValue() ?? ''])),
  );
  const { NODE_ENV: mode, ...settings } = set;
  expect(mode).toBe('production');
  expect(Object.keys(VARIABLES)).toEqual(expect.arrayContaining(Object.keys(settings)));
  const { port, metricsPort } = readConfig(settings);
  expect(of('EXPOSE').map(wordsOf)).toEqual([[String(port), String(metricsPort)]]);
});

describe('the health check', () => {
  const check = async (env: Readonly<Record<string, string>>, args: readonly string[] = []) => {
    const command = ['deploy/docker/healthcheck.mjs', ...args];
    return promisify(execFile)(process.execPath, command, { env }).then(
      () => 'healthy',
      ({ code, stderr }: { code: number; stderr: string }) => `${code} ${stderr.trim()}`,
    );
  };

  async function serving(answer: RequestListener, use: (port: string) => Promise<void>): Promise<void> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use(String((server.address() as AddressInfo).port));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }

  const answers =
    (statuses: Readonly<Record<string, number>>): RequestListener =>
    ({ url = '' }, response) =>
      void response.writeHead(statuses[url] ?? 404, { connection: 'close' }).end();

  test('asks an API whether it is ready', async () => {
    await serving(answers({ '/readyz': 200 }), async (port) => {
      expect(await check({ PORT: port, METRICS_PORT: '1' })).toBe('healthy');
    });
    await serving(answers({ '/readyz': 503 }), async (port) => {
      expect(await check({ PORT: port, METRICS_PORT: '1' })).toMatch(/^1 .*\/readyz answers 503; .*\S/);
    });
  });

  test('asks a worker whether it is there', async () => {
    await serving(answers({ '/healthz': 200 }), async (port) => {
      expect(await check({ PORT: '1', METRICS_PORT: port })).toBe('healthy');
    });
  });

  test('takes any answer of a URL that it was given, but none of a server that fails', async () => {
    await serving(answers({ '/broken': 500 }), async (port) => {
      expect(await check({}, [`http://127.0.0.1:${port}/`])).toBe('healthy');
      expect(await check({}, [`http://127.0.0.1:${port}/broken`])).toMatch(/^1 .*answers 500$/);
    });
  });
});

import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { commandLine } from '../support/command-line.ts';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, { readonly image: string; readonly command?: readonly string[] }>>;
}

const FILES = [
  '.gitignore',
  'README.md',
  'compose.yaml',
  'package.json',
  'src/sagas.ts',
  'src/services.ts',
  'src/trip.ts',
  'test/trip.test.ts',
  'test/world.ts',
  'tsconfig.json',
];

let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'backstep-init-'));
});
afterEach(() => rm(scratch, { recursive: true }));

const readPackage = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Package;

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

test('writes a project of the name of its folder, which is made', async () => {
  const folder = join(scratch, 'trips');
  const { code, stdout, stderr } = await commandLine(['init', folder]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(await filesOf(folder)).toEqual(FILES);
  const own = await readPackage('.');
  const { name, dependencies } = await readPackage(folder);
  expect(name).toBe('trips');
  expect(dependencies['backstep']).toBe(own.version);
  expect(stdout).toContain(`Wrote trips, ${FILES.length} files: .gitignore`);
  expect(stdout).toMatch(/Next:\n {2}cd .*trips\n {2}npm install\n {2}npm test\n {2}npm start\n$/);
  for (const file of FILES) expect(await readFile(join(folder, file), 'utf8')).not.toMatch(/__[A-Z]+__/);
});

test('takes an empty repository, and another name', async () => {
  await mkdir(join(scratch, '.git'));
  expect((await commandLine(['init', scratch, '--name', 'my-trips'])).code).toBe(0);
  expect((await readPackage(scratch)).name).toBe('my-trips');
});

test('refuses a folder with anything in it, names what is there, and writes nothing', async () => {
  for (const name of ['c.txt', 'a.txt', 'b.txt', 'd.txt', 'e.txt', 'f.txt']) await writeFile(join(scratch, name), '');
  const { code, stderr, stdout } = await commandLine(['init', scratch, '--name', 'trips']);
  expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
  expect(stderr).toBe(`backstep: ${scratch} is not empty: there is a.txt, b.txt, c.txt, d.txt, e.txt and 1 more\n`);
  expect(await filesOf(scratch)).toHaveLength(6);
});

test('refuses a file', async () => {
  await writeFile(join(scratch, 'trips'), '');
  const { code, stderr } = await commandLine(['init', join(scratch, 'trips')]);
  expect({ code, stderr }).toEqual({ code: 8, stderr: `backstep: ${join(scratch, 'trips')} is a file\n` });
});

test.each([
  [['init', 'x', '--name', 'My Trips'], 'got "My Trips"'],
  [['init', 'Trips'], 'got "Trips"'],
  [['init', 'a', 'b'], 'Expected one folder, got a b'],
  [['init', '--folder', 'a'], 'Run backstep help init'],
])('%j is not understood', async (words, message) => {
  const { code, stderr } = await commandLine(words);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('its help says what it takes', async () => {
  const { stdout } = await commandLine(['help', 'init']);
  expect(stdout).toContain('Usage: backstep init [folder] [options]');
  expect(stdout).toContain('--name NAME');
});

test('what the project depends on is what Backstep itself is tried with', async () => {
  const own = await readPackage('.');
  const ours = { ...own.peerDependencies, ...own.dependencies, ...own.devDependencies };
  const { dependencies, devDependencies } = await readTemplate();
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    if (name !== 'backstep') expect([name, version]).toEqual([name, ours[name]]);
  expect(own.files).toContain('starter');
});

async function readTemplate(): Promise<Package> {
  return JSON.parse(await readFile('starter/_package.json', 'utf8')) as Package;
}

test('its servers are those of this repository, with no setting that these have not', async () => {
  const services = async (file: string) => (parse(await readFile(file, 'utf8')) as Compose).services;
  const [theirs, ours] = [await services('starter/compose.yaml'), await services('docker-compose.yml')];
  for (const name of ['postgres', 'redis']) {
    expect(theirs[name]?.image).toBe(ours[name]?.image);
    expect(ours[name]?.command).toEqual(expect.arrayContaining([...(theirs[name]?.command ?? ['none'])]));
  }
});

test('Redis writes its jobs to disk and evicts none', async () => {
  const { services } = parse(await readFile('starter/compose.yaml', 'utf8')) as Compose;
  const settings = services['redis']?.command?.join(' ');
  expect(settings).toContain('--appendonly yes');
  expect(settings).toContain('--maxmemory-policy noeviction');
});

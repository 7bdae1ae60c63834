import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PackedTarball {
  /** Of the `.tgz`, absolute. */
  readonly file: string;
  /** What is in it, by path from the package's root. */
  readonly contents: readonly string[];
  remove(): Promise<void>;
}

/** What `npm pack` reads, besides `dist`. */
const PARTS = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'prisma', 'starter'];

/**
 * The package as it would be published, of the sources as they are now: compiled beside `dist`, of which only the console is taken,
 * which `npm run build:console` makes. Call `remove()` when it is installed.
 */
export async function packedTarball(): Promise<PackedTarball> {
  const folder = await mkdtemp(join(tmpdir(), 'backstep-package-'));
  const staged = join(folder, 'package');
  await mkdir(staged);
  for (const part of PARTS) await cp(part, join(staged, part), { recursive: true });
  await cp('dist/console', join(staged, 'dist/console'), { recursive: true });
  await run('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', join(staged, 'dist')]);
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: staged, maxBuffer: 10_000_000, env: quietNpm() });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (!packed) throw new Error(`npm pack made nothing: ${stdout}`);
  return {
    file: join(folder, packed.filename),
    contents: packed.files.map(({ path }) => path),
    remove: () => rm(folder, { recursive: true }),
  };
}

export interface Project {
  readonly folder: string;
  /** Runs a program of the project: `npx tsc`. Rejects with what it said where it fails. */
  run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  remove(): Promise<void>;
}

/** A project outside of this repository, with its files and with packages installed: `npm install`. */
export async function createProject(
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = [],
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'backstep-project-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(resolve(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const runHere: Project['run'] = async (program, args, env = {}) => {
    const { stdout } = await run(program, [...args], {
      cwd: folder,
      maxBuffer: 10_000_000,
      env: { ...quietNpm(), ...env },
    });
    return stdout;
  };
  await runHere('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages]);
  return { folder, run: runHere, remove: () => rm(folder, { recursive: true }) };
}

/** Ours without what `npm test` and jest say to their own children. */
function quietNpm(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _jest, ...env } = process.env;
  const ours = Object.entries(env).filter(([name]) => !name.startsWith('npm_') && name !== 'NODE_ENV');
  return Object.fromEntries(ours);
}

/** Of a package that runs here, for projects that shall have the same. */
export async function versionOf(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
  return version;
}

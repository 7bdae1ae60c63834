import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { defaultPlaces, findPrograms } from '../../src/servers/binaries.ts';
import { serverOwner } from '../../src/servers/home.ts';

type Progress = (line: string) => void;

/** Returns a PATH on which a Redis is found; gets Debian's package when this machine has none. */
export function ensureRedis(path: string, dataDir: string, progress: Progress): string {
  const tools = resolve(dataDir, 'tools');
  const withTools = [path, join(tools, 'bin')].join(delimiter);
  if (hasRedis(withTools)) return withTools;
  if (process.getuid?.() === 0) installPackage(progress);
  else unpackPackages(tools, progress);
  return withTools;
}

function hasRedis(path: string): boolean {
  return findPrograms(['redis-server', 'valkey-server'], defaultPlaces(path), serverOwner()).length > 0;
}

function installPackage(progress: Progress): void {
  progress('No redis-server here: installing it with apt-get');
  if (run('apt-get', ['install', '-y', 'redis-server'])) return;
  progress('Updating the package lists first');
  if (!run('apt-get', ['update']) || !run('apt-get', ['install', '-y', 'redis-server']))
    progress('apt-get could not install redis-server');
}

/** Redis and the libraries of its package, over Debian's and Ubuntu's versions; what a version does not have is left out. */
const PACKAGES = 'redis-server redis-tools libatomic1 libjemalloc2 liblzf1 liblua5.1-0 lua-cjson lua-bitop'.split(' ');

/** Without root: the packages' files, below the data folder, with a script that finds their libraries. */
function unpackPackages(tools: string, progress: Progress): void {
  progress(`No redis-server here: unpacking Debian's package into ${tools}`);
  mkdirSync(join(tools, 'bin'), { recursive: true });
  for (const name of PACKAGES) run('apt-get', ['download', name], tools);
  for (const file of readdirSync(tools).filter((name) => name.endsWith('.deb'))) run('dpkg', ['-x', file, '.'], tools);
  const binary = join(tools, 'usr/bin/redis-server');
  if (!existsSync(binary)) return progress('apt-get could not download redis-server');
  const script = join(tools, 'bin/redis-server');
  writeFileSync(script, launcher(join(tools, 'usr/lib'), binary));
  chmodSync(script, 0o755);
}

function launcher(libraries: string, binary: string): string {
  const folders = readdirSync(libraries).map((name) => join(libraries, name));
  return `#!/bin/sh\nLD_LIBRARY_PATH='${[libraries, ...folders].join(':')}' exec '${binary}' "$@"\n`;
}

function run(command: string, args: readonly string[], cwd?: string): boolean {
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env, ...(cwd === undefined ? {} : { cwd }) });
    return true;
  } catch {
    return false;
  }
}

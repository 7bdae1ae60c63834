import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { reasonOf, StartupError } from '../startup-error.ts';
import type { Owner } from './process.ts';

/** `nobody` on Linux: PostgreSQL refuses to run as root, and its initdb as a user without an entry in /etc/passwd. */
const NOBODY: Owner = { uid: 65_534, gid: 65_534 };

/** Who runs the private servers: this user, or nobody in place of root. */
export function serverOwner(): Owner | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

/** Whatever the umask, others may pass through it: the servers' own folders in it are closed to them. */
export function makeDataDir(dataDir: string): void {
  try {
    if (!existsSync(dataDir)) {
      mkdirSync(dataDir, { recursive: true });
      chmodSync(dataDir, 0o711);
    }
    accessSync(`${dataDir}/.`, constants.W_OK | constants.X_OK);
  } catch (error) {
    const message = `The data folder ${dataDir} cannot be used: ${reasonOf(error)}. Set DATA_DIR to another`;
    throw new StartupError(message, { cause: error });
  }
}

/**
 * The folder that holds the servers' folders: `dataDir`, or one outside it when the servers run as nobody and nobody
 * cannot get to `dataDir` (below /root, for instance). The same `dataDir` always has the same folder.
 */
export function placeForServers(dataDir: string, owner: Owner | undefined, progress: (line: string) => void): string {
  const wanted = resolve(dataDir);
  if (owner === undefined || isTraversable(wanted, owner)) return wanted;
  const place = join(shelf(), `backstep-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`);
  makeOwned(place, { uid: 0, gid: 0 }, 0o711);
  progress(`Server data goes to ${place}: the servers run as uid ${owner.uid}, which cannot enter ${wanted}`);
  return place;
}

/** Unlike /tmp, /var/tmp survives a reboot. */
function shelf(): string {
  const writable = ['/var/tmp', tmpdir()].find((folder) => existsSync(folder) && isWritable(folder));
  return writable ?? tmpdir();
}

/** The folder of one server, made if need be, closed to other users. Throws a `StartupError`. */
export function serverHome(place: string, name: string, owner: Owner | undefined): string {
  const home = join(place, name);
  makeOwned(home, owner, 0o700);
  return realpathSync(home);
}

/** What is there and belongs to someone else is refused: its owner may have put anything into it. */
function makeOwned(folder: string, owner: Owner | undefined, mode: number): void {
  const isNew = !existsSync(folder);
  if (isNew) mkdirSync(folder, { mode, recursive: true });
  const uid = owner?.uid ?? process.getuid?.();
  if (isNew && owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new StartupError(`${folder} is not a folder: remove it, or set DATA_DIR`);
  if (uid !== undefined && found.uid !== uid)
    throw new StartupError(
      `${folder} belongs to uid ${found.uid}, not to uid ${uid}: run as the user who made it, or set DATA_DIR`,
    );
  chmodSync(folder, mode);
}

/** Whether `owner` can pass through a folder and all above it, by the permission bits. */
export function isTraversable(folder: string, owner: Owner): boolean {
  const parent = dirname(folder);
  return allows(folder, owner, 0o1) && (parent === folder || isTraversable(parent, owner));
}

/** Whether `owner` may `bits` (4 read, 2 write, 1 execute) on a path. */
export function allows(path: string, owner: Owner, bits: number): boolean {
  const { mode, uid, gid } = statSync(path);
  const granted = uid === owner.uid ? mode >> 6 : gid === owner.gid ? mode >> 3 : mode;
  return (granted & bits) === bits;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

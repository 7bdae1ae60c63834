import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StartupError } from '../startup-error.ts';
import { startIdentity } from './process.ts';
import { readJson } from './record.ts';

const holderSchema = z.object({ pid: z.number(), startIdentity: z.string() });

/** Another process has the data folder. */
export class DataDirInUse extends StartupError {
  override readonly name = 'DataDirInUse';
}

/**
 * Takes the data folder for this process: two that start and stop the same servers would pull them from under each
 * other. A lock whose holder no longer runs is taken over. Returns what gives it back. Throws `DataDirInUse`.
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, 'lock.json');
  const mine = join(dataDir, `lock.${process.pid}.json`);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startIdentity: startIdentity(process.pid) }));
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (link(mine, file)) return () => release(file);
      const holder = liveHolder(file);
      if (holder !== undefined)
        throw new DataDirInUse(`The data folder ${dataDir} is in use by process ${holder}: stop it, or set DATA_DIR`);
      removeStale(file, `${mine}.stale`);
    }
    throw new DataDirInUse(`The data folder ${dataDir} is being taken by another process: try again, or set DATA_DIR`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A hard link is made or refused as a whole, and the file is complete from its first moment. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function liveHolder(file: string): number | undefined {
  const holder = holderSchema.safeParse(readJson(file)).data;
  return holder !== undefined && startIdentity(holder.pid) === holder.startIdentity ? holder.pid : undefined;
}

/** Renames before it removes: of two processes that saw the same stale lock, one gets it; a live one is put back. */
function removeStale(file: string, aside: string): void {
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (liveHolder(aside) !== undefined) link(aside, file);
  rmSync(aside, { force: true });
}

function release(file: string): void {
  if (liveHolder(file) === process.pid) rmSync(file, { force: true });
}

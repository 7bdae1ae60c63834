import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** The package's migrations: three levels above both `src/store/database` and `dist/store/database`. */
export const MIGRATIONS = new URL('../../../prisma/migrations/', import.meta.url);

/** One folder of `prisma/migrations`. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** Prisma's: the hex SHA-256 of the file. */
  readonly checksum: string;
}

/** Reads the migrations in `folder`, in the order of their names, as Prisma does. */
export async function readMigrations(folder: URL = MIGRATIONS): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readMigration(folder, name)));
}

async function readMigration(folder: URL, name: string): Promise<Migration> {
  const sql = await readFile(new URL(`${name}/migration.sql`, folder), 'utf8');
  return { name, sql, checksum: checksumOf(sql) };
}

/** True when `checksum` is of this migration, whichever line ends the file had where it was applied. */
export function isChecksumOf(migration: Migration, checksum: string): boolean {
  if (checksum === migration.checksum) return true;
  const unix = migration.sql.replaceAll('\r\n', '\n');
  return checksum === checksumOf(unix) || checksum === checksumOf(unix.replaceAll('\n', '\r\n'));
}

function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

/**
 * Applies `prisma/migrations` without Prisma's command line or engine, and keeps Prisma's own book of them, so that
 * `prisma migrate status` and `prisma migrate deploy` agree with it.
 */
import { randomUUID } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import type { Log } from '../../core/log.ts';
import { maskUrl, reasonOf, StartupError } from '../../startup-error.ts';
import { isChecksumOf, type Migration, readMigrations } from './migration-files.ts';

/** The advisory lock that Prisma's own engine takes while it migrates. */
const LOCK = 72_707_369;
const CONNECT_TIMEOUT_MS = 10_000;

/** As Prisma's engine creates it. */
const CREATE_BOOK = `
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`;

export type MigrationErrorCode =
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_NEWER'
  | 'SCHEMA_TAKEN'
  | 'DATABASE_OLDER'
  | 'CHECKSUM_CHANGED'
  | 'MIGRATION_HALF_APPLIED'
  | 'MIGRATION_FAILED';

/** The database cannot be brought to the schema of this code. Nothing was changed by the migration named. */
export class MigrationError extends StartupError {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface MigrateOptions {
  readonly log?: Log;
  /** Called with one line before each slow thing: each migration, and the wait for another process that migrates. */
  readonly onProgress?: (line: string) => void;
  /** Default: the package's own `prisma/migrations`. */
  readonly folder?: URL;
}

interface BookRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/**
 * Applies what is not applied yet; each migration and its line in the book are one transaction, so a migration must not
 * hold statements that refuse one (`CREATE INDEX CONCURRENTLY`). Safe to call from several processes at once.
 * Honours `?schema=` as Prisma does. Throws a `MigrationError`.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(options.folder);
  const client = await connect(url);
  try {
    await useSchema(client, url);
    await lock(client, options);
    await createSchema(client, url);
    await refuseOtherTables(client);
    await client.query(CREATE_BOOK);
    const applied: string[] = [];
    for (const migration of pending(migrations, await readBook(client))) {
      options.onProgress?.(`Applying migration ${migration.name}`);
      await apply(client, migration);
      options.log?.info({ migration: migration.name }, 'migration applied');
      applied.push(migration.name);
    }
    return { applied };
  } finally {
    // The session's end releases the lock.
    await client.end();
  }
}

/** Throws a `MigrationError` when the code needs a migration that the database does not have. Changes nothing. */
export async function requireMigrated(url: string): Promise<void> {
  const migrations = await readMigrations();
  const client = await connect(url);
  try {
    await useSchema(client, url);
    const finished = new Set((await readBook(client)).filter((row) => row.finished).map((row) => row.name));
    const missing = migrations.find(({ name }) => !finished.has(name));
    if (missing === undefined) return;
    const message = `The database is older than the code: it lacks the migration ${missing.name}. Run: backstep migrate`;
    throw new MigrationError('DATABASE_OLDER', message);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<Client> {
  try {
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'backstep migrate',
    });
    // A connection lost between two statements is reported by the next one.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  } catch (error) {
    const message = `PostgreSQL at ${maskUrl(url)} cannot be reached: ${reasonOf(error)}`;
    throw new MigrationError('DATABASE_UNREACHABLE', message, { cause: error });
  }
}

async function useSchema(client: Client, url: string): Promise<void> {
  const schema = new URL(url).searchParams.get('schema');
  if (schema === null || schema === '') return;
  await client.query(`SET search_path TO ${escapeIdentifier(schema)}`);
}

/** The schema of the search path, as Prisma creates it: a user who may not create schemas needs none when it is there. */
async function createSchema(client: Client, url: string): Promise<void> {
  const schema = new URL(url).searchParams.get('schema');
  if (schema === null || schema === '') return;
  const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${escapeIdentifier(schema)}`);
}

async function lock(client: Client, { onProgress }: MigrateOptions): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [LOCK]);
  if (rows[0]?.locked === true) return;
  onProgress?.('Waiting for another process that is migrating this database');
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
}

async function readBook(client: Client): Promise<readonly BookRow[]> {
  const { rows: books } = await client.query<{ book: string | null }>(
    `SELECT to_regclass('"_prisma_migrations"') AS book`,
  );
  if (books[0]?.book == null) return [];
  const { rows } = await client.query<BookRow>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

/** The migrations to apply; throws when the book does not fit the code. */
function pending(migrations: readonly Migration[], book: readonly BookRow[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  refuseOthers(migrations, book);
  for (const row of book) check(known.get(row.name), row);
  const applied = new Set(book.map((row) => row.name));
  return migrations.filter((migration) => !applied.has(migration.name));
}

/** The tables of an application that keeps no book, or another one: `prisma db push`, psql, another tool. Those of extensions are nobody's. */
async function refuseOtherTables(client: Client): Promise<void> {
  if ((await readBook(client)).length > 0) return;
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p')
     AND relname <> '_prisma_migrations' AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
     ORDER BY relname LIMIT 1`,
  );
  if (rows[0]) throw schemaTaken(`tables of an application, such as ${rows[0].name}`);
}

/** The book of an application: another's tables in its schema are drift to its own migrations. */
function refuseOthers(migrations: readonly Migration[], book: readonly BookRow[]): void {
  const names = migrations.map(({ name }) => name);
  const isOurs = book.some((row) => names.includes(row.name));
  const newest = names.at(-1) ?? '';
  const other = book.find((row) => !names.includes(row.name) && (!isOurs || row.name < newest));
  if (other !== undefined) throw schemaTaken(`the migrations of an application, such as ${other.name}`);
}

function schemaTaken(has: string): MigrationError {
  return new MigrationError(
    'SCHEMA_TAKEN',
    `The schema has ${has}. Backstep's tables go into a schema of their own, which is created: ` +
      "add ?schema=backstep to the URL, and give createRunner schema: 'backstep'",
  );
}

function check(migration: Migration | undefined, row: BookRow): void {
  if (migration === undefined)
    throw new MigrationError(
      'DATABASE_NEWER',
      `The database is newer than the code: it has the migration ${row.name}, which this version does not know. Run the version that made it, or a later one`,
    );
  if (!row.finished)
    throw new MigrationError(
      'MIGRATION_HALF_APPLIED',
      `Migration ${row.name} was begun and did not finish. Repair the database by hand, then run: npx prisma migrate resolve --rolled-back ${row.name} (or --applied)`,
    );
  if (!isChecksumOf(migration, row.checksum))
    throw new MigrationError(
      'CHECKSUM_CHANGED',
      `Migration ${row.name} was changed after it was applied: the database has checksum ${row.checksum}, the file ${migration.checksum}. Restore the file; changes go into a new migration`,
    );
}

async function apply(client: Client, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ at: Date }>('SELECT clock_timestamp() AS at');
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name, rows[0]?.at],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new MigrationError('MIGRATION_FAILED', `Migration ${migration.name} failed: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { migrate, MigrationError, requireMigrated } from '../../src/store/database/migrate.ts';
import { MIGRATIONS, readMigrations } from '../../src/store/database/migration-files.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/port.ts';

const names = (await readMigrations()).map(({ name }) => name);
const [first = '', last = ''] = [names[0], names.at(-1)];

let database: TestDatabase;
let scratch: string;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  scratch = await mkdtemp(join(tmpdir(), 'backstep-migrate-'));
});

afterEach(async () => {
  await database.drop();
  await rm(scratch, { recursive: true });
});

/** A copy of the package's migrations, to be changed. */
async function copyOfMigrations(): Promise<URL> {
  await cp(MIGRATIONS, scratch, { recursive: true });
  return pathToFileURL(`${scratch}/`);
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.catch((thrown: unknown) => thrown);
  return error instanceof MigrationError ? error.code : undefined;
}

const bookOf = async (book = '"_prisma_migrations"') =>
  (await database.sql.query<Record<string, unknown>>(`SELECT * FROM ${book} ORDER BY migration_name`)).rows;

test('an empty database gets every migration, once', async () => {
  expect(await migrate(database.url)).toEqual({ applied: names });
  expect(await migrate(database.url)).toEqual({ applied: [] });
  const { rowCount } = await database.sql.query('SELECT saga_id, status FROM saga_state');
  expect(rowCount).toBe(0);
});

test("the book is as Prisma's engine keeps it", async () => {
  await migrate(database.url);
  const migrations = await readMigrations();
  expect(await bookOf()).toEqual(
    migrations.map(({ name, checksum }) => ({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum,
      finished_at: expect.any(Date),
      migration_name: name,
      logs: null,
      rolled_back_at: null,
      started_at: expect.any(Date),
      applied_steps_count: 1,
    })),
  );
});

test('several processes at once apply each migration once', async () => {
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)));
  expect(results.flatMap(({ applied }) => applied).sort()).toEqual(names);
  expect(await bookOf()).toHaveLength(names.length);
});

test('the schema in the URL is created and used', async () => {
  const url = `${database.url}?schema=Billing%20Two`;
  await Promise.all([migrate(url), migrate(url)]);
  await expect(requireMigrated(url)).resolves.toBeUndefined();
  expect(await bookOf('"Billing Two"."_prisma_migrations"')).toHaveLength(names.length);
  const { rows } = await database.sql.query(`SELECT to_regclass('public.saga_state') AS here`);
  expect(rows).toEqual([{ here: null }]);
});

test('a database with a migration that the code does not know is newer than the code', async () => {
  const folder = await copyOfMigrations();
  await mkdir(join(scratch, '99990101000000_future'));
  await writeFile(join(scratch, '99990101000000_future', 'migration.sql'), 'CREATE TABLE future (id INT);');
  await migrate(database.url, { folder });

  const refused = migrate(database.url);
  await expect(refused).rejects.toThrow(/database is newer than the code: .*99990101000000_future/);
  expect(await codeOf(refused)).toBe('DATABASE_NEWER');
});

test("an application's own schema is left alone, and where to go instead is said", async () => {
  await mkdir(join(scratch, 'none'));
  await migrate(database.url, { folder: pathToFileURL(`${scratch}/none/`) });
  await database.sql.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('1', '', '20200101000000_orders', now())`,
  );
  const refused = migrate(database.url);
  await expect(refused).rejects.toThrow(
    /migrations of an application, such as 20200101000000_orders.*\?schema=backstep/,
  );
  expect(await codeOf(refused)).toBe('SCHEMA_TAKEN');
  expect(await migrate(`${database.url}?schema=backstep`)).toEqual({ applied: names });
});

test('a schema with tables that no book tells of is left alone, and so is its lack of a book', async () => {
  await database.sql.query('CREATE TABLE orders (id INT)');
  const refused = migrate(database.url);
  await expect(refused).rejects.toThrow(/tables of an application, such as orders\..*\?schema=backstep/);
  expect(await codeOf(refused)).toBe('SCHEMA_TAKEN');
  const { rows } = await database.sql.query(`SELECT to_regclass('"_prisma_migrations"') AS book`);
  expect(rows).toEqual([{ book: null }]);
  expect(await migrate(`${database.url}?schema=backstep`)).toEqual({ applied: names });
});

test('a migration that was changed after it was applied is refused', async () => {
  await migrate(database.url);
  await database.sql.query(`UPDATE "_prisma_migrations" SET checksum = 'other' WHERE migration_name = $1`, [first]);
  expect(await codeOf(migrate(database.url))).toBe('CHECKSUM_CHANGED');
});

test('other line ends are no change', async () => {
  const folder = await copyOfMigrations();
  const [{ sql } = { sql: '' }] = await readMigrations();
  await writeFile(join(scratch, first, 'migration.sql'), sql.replaceAll('\n', '\r\n'));
  await migrate(database.url, { folder });
  expect(await migrate(database.url)).toEqual({ applied: [] });
});

test('a migration that was begun and did not finish is refused until it is resolved', async () => {
  await migrate(database.url);
  await database.sql.query(`UPDATE "_prisma_migrations" SET finished_at = NULL WHERE migration_name = $1`, [last]);
  expect(await codeOf(migrate(database.url))).toBe('MIGRATION_HALF_APPLIED');
  expect(await codeOf(requireMigrated(database.url))).toBe('DATABASE_OLDER');
});

test('a migration that fails leaves no trace, and the ones before it stay', async () => {
  const folder = await copyOfMigrations();
  await mkdir(join(scratch, '99990101000000_broken'));
  const sql = 'CREATE TABLE half (id INT); SELECT 1 / 0;';
  await writeFile(join(scratch, '99990101000000_broken', 'migration.sql'), sql);

  const failed = migrate(database.url, { folder });
  await expect(failed).rejects.toThrow('Migration 99990101000000_broken failed: division by zero');
  expect(await codeOf(failed)).toBe('MIGRATION_FAILED');
  const { rows } = await database.sql.query(`SELECT to_regclass('half') AS half`);
  expect(rows).toEqual([{ half: null }]);
  expect(await bookOf()).toHaveLength(names.length);
  expect(await migrate(database.url)).toEqual({ applied: [] });
});

test('a database without a migration that the code needs is older than the code', async () => {
  expect(await codeOf(requireMigrated(database.url))).toBe('DATABASE_OLDER');
  await migrate(database.url);
  await expect(requireMigrated(database.url)).resolves.toBeUndefined();
});

test('a server that is not there is told in one line without the password', async () => {
  const url = `postgresql://app:s3cret@127.0.0.1:${await freePort()}/shop`;
  const refused = migrate(url);
  await expect(refused).rejects.toThrow(
    /^PostgreSQL at postgresql:\/\/app:\*{3}@127\.0\.0\.1:\d+\/shop cannot be reached: .*ECONNREFUSED/,
  );
  expect(await codeOf(refused)).toBe('DATABASE_UNREACHABLE');
});

// Prisma's command line needs its engine, which it fetches: only where one is given.
const engine = process.env['PRISMA_SCHEMA_ENGINE_BINARY'];
(engine === undefined ? test.skip : test)('prisma migrate status and deploy agree', async () => {
  await migrate(database.url);
  const env = { ...process.env, DATABASE_URL: database.url };
  const prisma = (command: string) =>
    promisify(execFile)(process.execPath, ['node_modules/prisma/build/index.js', 'migrate', command], { env });
  expect((await prisma('status')).stdout).toContain('Database schema is up to date');
  expect((await prisma('deploy')).stdout).toContain('No pending migrations to apply');
});

import { randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';
import { migrate } from '../../src/store/database/migrate.ts';
import { TABLES } from '../../src/store/in-schema.ts';
import { readMigrations } from '../../src/store/database/migration-files.ts';

/** Names of everything a run creates begin with this, so that test/run.ts finds what is left over. */
export const RUN_PREFIX = process.env['TEST_RUN'] ?? 'backstep_test_x';
/** Any number, as long as every test process uses the same. */
const TEMPLATE_LOCK = 4_711_001;

export interface TestDatabase {
  readonly url: string;
  readonly sql: Pool;
  /** Closes `sql` and drops the database, whoever is still connected. Call it in `afterAll`. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Default true: the schema of prisma/migrations is there. False: an empty database. */
  readonly migrated?: boolean;
  /** Backstep's tables are in this schema; those of their names in `public` are another application's. */
  readonly schema?: string;
}

/** A database for one test file, copied from a migrated template that the first caller of the run creates. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { schema, migrated = schema === undefined } = options;
  const name = `${RUN_PREFIX}_${randomBytes(5).toString('hex')}`;
  await asAdmin(async (admin) => {
    const template = migrated ? await ensureTemplate(admin) : 'template0';
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = databaseUrl(name);
  const searchPath = schema === undefined ? {} : { options: `-c search_path=${schema},public` };
  const sql = new Pool({ connectionString: url, max: 5, ...searchPath });
  // Connections that are idle when the database is dropped report it here.
  sql.on('error', () => undefined);
  if (schema !== undefined) await fillSchema(url, schema, sql);
  return {
    url,
    sql,
    drop: async () => {
      await sql.end();
      await asAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

async function fillSchema(url: string, schema: string, sql: Pool): Promise<void> {
  const target = new URL(url);
  target.searchParams.set('schema', schema);
  await migrate(target.href);
  for (const table of TABLES) await sql.query(`CREATE TABLE public.${table} (theirs INTEGER NOT NULL)`);
}

/** Where Redis is for tests. */
export function testRedisUrl(): string {
  return required('TEST_REDIS_URL');
}

/** A BullMQ key prefix of one's own. The braces are a hash tag, as in production. */
export function testPrefix(): string {
  return `{test-${randomBytes(5).toString('hex')}}`;
}

async function ensureTemplate(admin: Client): Promise<string> {
  const template = await templateName();
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) await createTemplate(admin, template);
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
  return template;
}

/** Built under another name first: a template that exists is a template that is complete. */
async function createTemplate(admin: Client, template: string): Promise<void> {
  await admin.query(`DROP DATABASE IF EXISTS ${template}_new WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${template}_new TEMPLATE template0`);
  await migrate(databaseUrl(`${template}_new`));
  await admin.query(`ALTER DATABASE ${template}_new RENAME TO ${template}`);
}

async function templateName(): Promise<string> {
  const migrations = await readMigrations();
  return `${RUN_PREFIX}_template_${migrations.map(({ checksum }) => checksum.slice(0, 4)).join('')}`.slice(0, 59);
}

/** Runs `work` on the server's maintenance database. */
export async function asAdmin<R>(work: (admin: Client) => Promise<R>): Promise<R> {
  const admin = new Client({ connectionString: required('TEST_DATABASE_URL') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function databaseUrl(name: string): string {
  const url = new URL(required('TEST_DATABASE_URL'));
  url.pathname = `/${name}`;
  return url.href;
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with npm test -- <files>`);
  return value;
}

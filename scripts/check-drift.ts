/**
 * Compares a migrated database with prisma/schema: `node --import tsx scripts/check-drift.ts <url>`. Prints the SQL that
 * is missing and ends with 1 when they differ.
 *
 * Prisma's own command line does the same with an engine that it downloads; this runs the engine's WebAssembly build.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';

interface Engine {
  diff(params: object): Promise<{ readonly exitCode: number; readonly stdout: string | null }>;
}

interface EngineModule {
  __wbg_set_wasm(exports: object): void;
  readonly SchemaEngine: { new: (options: object, log: (line: string) => void, adapter: unknown) => Promise<Engine> };
}

/** The part of the platform's WebAssembly that is needed here; its types come with the DOM's only. */
interface WasmPlatform {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
}

/** PostgreSQL's one-byte "char", which the engine reads from the catalog and the adapter does not know; and text. */
const CHAR_OID = 18;
const TEXT_OID = 25;

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error('Usage: check-drift.ts <url of a migrated database>');

const files = readdirSync('prisma/schema').map((name) => ({
  path: join('prisma/schema', name),
  content: readFileSync(join('prisma/schema', name), 'utf8'),
}));
const engine = await createEngine(url, files);
const { stdout } = await engine.diff({
  from: { tag: 'schemaDatasource', files, configDir: '.' },
  to: { tag: 'schemaDatamodel', files },
  script: true,
  exitCode: true,
  shadowDatabaseUrl: null,
  filters: { externalTables: [], externalEnums: [] },
});
const isEmpty = stdout === null || stdout.trim() === '' || stdout.includes('This is an empty migration.');
process.stdout.write(isEmpty ? 'prisma/schema and the migrations agree\n' : `The migrations lack:\n${stdout}\n`);
process.exit(isEmpty ? 0 : 1);

async function createEngine(databaseUrl: string, schema: typeof files): Promise<Engine> {
  const require = createRequire(import.meta.url);
  const glue = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const module = (await import(pathToFileURL(glue).href)) as EngineModule;
  const wasm = readFileSync(join(dirname(glue), 'schema_engine_bg.wasm'));
  const { WebAssembly: platform } = globalThis as unknown as { readonly WebAssembly: WasmPlatform };
  const { instance } = await platform.instantiate(wasm, { './schema_engine_bg.js': { ...module } });
  module.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(poolThatShowsCharAsText(databaseUrl)));
  const datamodels = schema.map(({ path, content }) => [path, content]);
  return module.SchemaEngine.new({ datamodels, datasource: { url: databaseUrl } }, () => undefined, adapter);
}

function poolThatShowsCharAsText(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 1 });
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryResult>;
  const patched = async (...args: unknown[]) => {
    const result = await query(...args);
    for (const field of result.fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID;
    return result;
  };
  pool.query = patched as typeof pool.query;
  return pool;
}

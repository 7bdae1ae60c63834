/**
 * Backstep's tables in a schema of their own, beside those of the application, which may have the same names: every
 * statement of ours names their schema, whatever the search path of the application's connections is.
 */
import type { SqlClient, SqlRunner } from '../core/definition.ts';

/** All of Backstep's tables: see `prisma/schema/backstep.prisma`. */
export const TABLES = [
  'audit_entry',
  'ended_session',
  'group_retry',
  'operator_task',
  'outbox',
  'saga_log',
  'saga_signal',
  'saga_state',
  'saga_step',
] as const;

/** A table is named behind these words only; `saga_state.id` elsewhere means the one of the statement. */
const TABLE_NAMES = new RegExp(`\\b(FROM|JOIN|INTO|UPDATE|USING)(\\s+)(${TABLES.join('|')})\\b(?!\\.)`, 'g');

/** Texts vary with filters and page sizes: a process sees some hundred of them. */
const CACHED_TEXTS = 2_000;

export interface OwnTables {
  /** For Backstep's own statements. */
  readonly client: SqlClient;
  /** For Backstep's own statements in a transaction of the application's client. The application's stay as they are. */
  in(tx: SqlRunner): SqlRunner;
}

/** Without a schema the tables are where the client's connections look first, and all statements go out as they are. */
export function ownTables(prisma: SqlClient, schema: string | undefined): OwnTables {
  if (schema === undefined) return { client: prisma, in: (tx) => tx };
  const qualify = cached(qualifier(schema));
  const runner = (sql: SqlRunner): SqlRunner => ({
    $queryRawUnsafe: (query, ...values) => sql.$queryRawUnsafe(qualify(query), ...values),
    $executeRawUnsafe: (query, ...values) => sql.$executeRawUnsafe(qualify(query), ...values),
  });
  return {
    client: {
      ...runner(prisma),
      $transaction: (work, bounds) => prisma.$transaction((tx) => work(runner(tx)), bounds),
    },
    in: (tx) => {
      schemas.set(tx, schema);
      return runner(tx);
    },
  };
}

/** Names the schema before each of Backstep's tables in one of Backstep's statements. Throws a `RangeError` for a name that is none. */
export function qualifier(schema: string): (query: string) => string {
  if (schema === '' || schema.length > 63 || schema.includes('\u0000'))
    throw new RangeError(`schema: expected the name of a PostgreSQL schema, got ${JSON.stringify(schema)}`);
  const identifier = `"${schema.replaceAll('"', '""')}"`;
  return (query) =>
    query.replaceAll(TABLE_NAMES, (_match, word, space, table) => `${word}${space}${identifier}.${table}`);
}

function cached(qualify: (query: string) => string): (query: string) => string {
  const known = new Map<string, string>();
  return (query) => {
    const found = known.get(query);
    if (found !== undefined) return found;
    if (known.size >= CACHED_TEXTS) known.clear();
    const text = qualify(query);
    known.set(query, text);
    return text;
  };
}

const SCHEMAS = Symbol.for('backstep.schemas');
const shared = globalThis as { [SCHEMAS]?: WeakMap<SqlRunner, string> };
/** The schema of each transaction that a step was given: its code writes events with it. One for all copies of this
 *  library, as a CommonJS project's saga module brings its own. */
const schemas = (shared[SCHEMAS] ??= new WeakMap());

/** For an own statement on whatever the application hands in: a step's `tx`, or a client with the schema said beside it. */
export function inSchemaOf(tx: SqlRunner, schema: string | undefined = schemas.get(tx)): (query: string) => string {
  return schema === undefined ? (query) => query : qualifier(schema);
}

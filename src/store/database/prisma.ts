import { PrismaPg } from '@prisma/adapter-pg';
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { SqlClient } from '../../core/definition.ts';
import { PrismaClient } from '../../generated/client/client.ts';

type Connected = SqlClient & { $disconnect(): Promise<void> };

/** The class of a generated client. */
export type PrismaClass<C extends Connected = Connected> = new (options: { adapter: PrismaPg }) => C;

export interface ConnectOptions<C extends Connected> {
  /** Default 20. */
  readonly poolSize?: number;
  /** Default: Backstep's own, whose models are its tables. */
  readonly client?: PrismaClass<C> | undefined;
}

export interface Database<C extends Connected = Connected> {
  readonly prisma: C;
  /** Its connections now. `waiting`: callers without one. */
  pool(): { readonly total: number; readonly idle: number; readonly waiting: number };
  close(): Promise<void>;
}

/** The longest that one statement may take, in milliseconds, the application's own included. */
const ANSWER_LIMIT_MS = 120_000;

/** Connects lazily: an unreachable server shows at the first query. `?schema=` of the URL is honoured. */
export function connectPrisma<C extends Connected = PrismaClient>(
  url: string,
  options: ConnectOptions<C> = {},
): Database<C> {
  const schema = new URL(url).searchParams.get('schema') ?? undefined;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 20,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // A server that falls silent is given up with its connections, rather than when TCP does, a quarter of an hour later.
    query_timeout: ANSWER_LIMIT_MS,
    ...(schema === undefined ? {} : { options: `-c search_path="${schema}"` }),
  });
  // A connection that drops while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  const adapter = new PrismaPg(pool, {
    ...(schema === undefined ? {} : { schema }),
    statementNameGenerator: ({ sql }) => createHash('sha1').update(sql).digest('base64url'),
  });
  const Client = options.client ?? (PrismaClient as unknown as PrismaClass<C>);
  const prisma = new Client({ adapter });
  return {
    prisma,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

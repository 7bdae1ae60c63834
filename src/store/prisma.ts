import { PrismaPg } from '@prisma/adapter-pg';
import { createHash } from 'node:crypto';
import pg from 'pg';
import { PrismaClient } from '../generated/client/client.ts';

export interface Database {
  readonly prisma: PrismaClient;
  /** Its connections now. `waiting`: callers without one. */
  pool(): { readonly total: number; readonly idle: number; readonly waiting: number };
  close(): Promise<void>;
}

/** The longest that one statement may take, in milliseconds, the application's own included. */
const ANSWER_LIMIT_MS = 120_000;

/** Connects lazily: an unreachable server shows at the first query. `?schema=` of the URL is honoured. */
export function connectPrisma(url: string, options: { readonly poolSize?: number } = {}): Database {
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
  const prisma = new PrismaClient({ adapter });
  return {
    prisma,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

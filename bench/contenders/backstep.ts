import { Client } from 'pg';
import { pino } from 'pino';
import { z } from 'zod';
import type { Runner } from '../../src/index.ts';
import { createRunner, defineSaga, redisBackend, TerminalError } from '../../src/index.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Contender, Ending, World } from './contender.ts';
import { httpPosts } from './http-posts.ts';

const TYPE = 'BENCH';
const SETTLE_MS = 60_000;
const HELD_MS = 240_000;

/** What the steps of a saga do besides nothing. */
export interface StepHooks {
  readonly lastActed?: () => void;
  /** In every step. */
  readonly ran?: (sagaId: string) => Promise<void>;
}

/** Backstep through the library's entry, with everything that guards its sagas. */
export const backstep: Contender = {
  starter: async (world) => {
    const { runner, close } = await connectBackstep(world, {});
    const http =
      world.apiUrl === undefined
        ? undefined
        : httpPosts<{ readonly sagaId: string }>(`${world.apiUrl}/api/sagas/${TYPE}`);
    const sql = new Client({ connectionString: world.databaseUrl });
    await sql.connect();
    return {
      start: async () => (await (http ? http.post({}) : runner.start(TYPE, {}))).sagaId,
      watchEnds: (ended) => listenForEnds(sql, ended),
      settle: (started) => settle(sql, world.ending, started),
      close: async () => {
        http?.close();
        await sql.end();
        await close();
      },
    };
  },
  worker: async (world, lastActed) => {
    const { runner, close } = await connectBackstep(world, { lastActed });
    await runner.work({ concurrency: world.concurrency });
    return { close };
  },
};

export async function connectBackstep(
  { databaseUrl, redisUrl, ending }: World,
  hooks: StepHooks,
): Promise<{ readonly runner: Runner; close(): Promise<void> }> {
  const { prisma, close: disconnect } = connectPrisma(databaseUrl);
  await prisma.$queryRawUnsafe('SELECT 1');
  const runner = createRunner({
    prisma,
    queues: redisBackend({ url: redisUrl }),
    sagas: [sagaFor(ending, hooks)],
    log: pino({ level: 'silent' }),
  });
  const close = async () => {
    await runner.close();
    await disconnect();
  };
  return { runner, close };
}

function sagaFor(ending: Ending, { lastActed, ran }: StepHooks) {
  const act = async ({ sagaId }: { readonly sagaId: string }) => ran?.(sagaId);
  const actLast = async () => lastActed?.();
  const fail = async () => {
    throw new TerminalError('The third step fails');
  };
  // Steps that are held must not run out of time before they are released.
  const timeout = ran ? { timeoutMs: HELD_MS } : {};
  return defineSaga(TYPE, { input: z.object({}) })
    .step('A', { execute: act, compensate: actLast, ...timeout })
    .step('B', { execute: act, compensate: act, ...timeout })
    .step('C', { execute: ending === 'undone' ? fail : act, compensate: act, ...timeout })
    .step('D', { execute: actLast, compensate: act, ...timeout });
}

async function settle(sql: Client, ending: Ending, started: number): Promise<void> {
  await eventually(async () => (await count(sql, `status IN ('RUNNING', 'COMPENSATING')`)) === 0, {
    timeoutMs: SETTLE_MS,
    intervalMs: 5,
  });
  const status = ending === 'done' ? 'COMPLETED' : 'COMPENSATED';
  const ended = await count(sql, `saga_type = '${TYPE}' AND status = '${status}'`);
  if (ended !== started) throw new Error(`${started} sagas were started, and ${ended} are ${status}`);
}

async function count(sql: Client, condition: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM saga_state WHERE ${condition}`,
  );
  return rows[0]?.count ?? 0;
}

/**
 * PostgreSQL tells as soon as the last record is committed. For latencies only: commits that tell something take turns, and
 * under load that would be felt.
 */
async function listenForEnds(sql: Client, ended: (sagaId: string) => void): Promise<void> {
  sql.on('notification', ({ payload = '' }) => ended(payload));
  await sql.query(`
    CREATE FUNCTION tell_end() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_notify('saga_ended', NEW.saga_id); RETURN NULL; END $$;
    CREATE TRIGGER tell_end AFTER UPDATE OF completed_at ON saga_state FOR EACH ROW
      WHEN (NEW.completed_at IS NOT NULL) EXECUTE FUNCTION tell_end();
    LISTEN saga_ended`);
}

import pg from 'pg';
import { redisBackend } from '../../../src/index.ts';
import { NOTICES, QUEUE_NAMES } from '../../../src/queues/names.ts';
import { pause } from './api.ts';
import { ledgerClient } from '../sagas/ledger-client.ts';
import type { World } from '../types.ts';

const LOOK_MS = 500;
/** Looks in a row in which nothing was under way. */
const LOOKS = 3;
const LIVE = ['wait', 'active', 'delayed', 'prioritized'] as const;
const UNENDED = `SELECT count(*)::int AS count FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING')`;
const UNRELAYED = `SELECT count(*)::int AS count FROM outbox WHERE relayed_at IS NULL`;
const UNTOLD = `SELECT count(*)::int AS count FROM outbox WHERE consumed_at IS NULL AND starts_with(name, 'backstep.')`;
const RETRYING = `SELECT count(*)::int AS count FROM group_retry WHERE finished_at IS NULL`;

/** Resolves with true when nothing is under way any more: no saga, event, notice, retry of a
 *  group, job or errand, nor a request at the ledger. */
export async function untilQuiet(world: World, busy: () => boolean, timeoutMs: number): Promise<boolean> {
  const client = new pg.Pool({ connectionString: world.databaseUrl, max: 1 });
  client.on('error', () => undefined);
  const backend = redisBackend({ url: world.redisUrl });
  const queues = QUEUE_NAMES.map((name) => backend.queue(name));
  const notices = backend.queue(NOTICES);
  const ledger = ledgerClient(world.ledgerUrl);
  const count = async (query: string) => (await client.query<{ count: number }>(query)).rows[0]?.count ?? 0;
  const isQuiet = async () => {
    if (busy()) return false;
    await backend.ready();
    // The receiver is well again: nobody waits for what was put off.
    await notices.promoteJobs();
    for (const query of [UNENDED, UNRELAYED, UNTOLD, RETRYING]) if ((await count(query)) > 0) return false;
    const jobs = await Promise.all(queues.map((queue) => queue.getJobCountByTypes(...LIVE)));
    return jobs.every((number) => number === 0) && (await ledger.lines(Number.MAX_SAFE_INTEGER)).pending === 0;
  };
  try {
    return await inARow(isQuiet, timeoutMs);
  } finally {
    await Promise.all([...queues, notices].map((queue) => queue.close()));
    await backend.close();
    await client.end();
  }
}

async function inARow(look: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const timeout = AbortSignal.timeout(timeoutMs);
  for (let quiet = 0; quiet < LOOKS; quiet += 1) {
    if (timeout.aborted) return false;
    // A server may be a moment away still.
    if (!(await look().catch(() => false))) quiet = -1;
    await pause(LOOK_MS, timeout);
  }
  return true;
}

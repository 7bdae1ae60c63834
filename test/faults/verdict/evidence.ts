import pg from 'pg';
import { redisBackend } from '../../../src/index.ts';
import { QUEUE_NAMES } from '../../../src/queues/names.ts';
import { apiClient } from '../load/api.ts';
import { ledgerClient } from '../sagas/ledger-client.ts';
import type { BookItem, Evidence, JobSeen, VoidSeen } from './evidence-types.ts';
import type { Accepted, World } from '../types.ts';

export type { Evidence } from './evidence-types.ts';

/** `timestamp` columns are UTC without saying so. */
const utcTypes = new pg.TypeOverrides();
utcTypes.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => new Date(`${text.replace(' ', 'T')}Z`));

const TABLES = {
  sagas: 'SELECT * FROM saga_state ORDER BY id',
  steps: 'SELECT * FROM saga_step ORDER BY saga_id, step_index',
  log: 'SELECT * FROM saga_log ORDER BY id',
  tasks: 'SELECT * FROM operator_task ORDER BY id',
  changes: 'SELECT * FROM fault_change ORDER BY id',
  effects: 'SELECT * FROM fault_effect ORDER BY at',
  groupRetries: 'SELECT * FROM group_retry ORDER BY id',
  outbox: 'SELECT * FROM outbox ORDER BY id',
  consumed: 'SELECT key, name FROM consumed_events',
  notifications: 'SELECT key FROM notifications',
  payments: 'SELECT * FROM payments',
  orders: 'SELECT * FROM orders',
  devices: 'SELECT * FROM devices',
  releases: 'SELECT allocation_key FROM device_releases',
  entries: 'SELECT * FROM balance_entries',
  balances: `SELECT user_id, balances.amount AS after, fault_balance.amount AS before
             FROM balances FULL JOIN fault_balance USING (user_id)`,
} as const;
const JOB_STATES = ['wait', 'active', 'delayed', 'prioritized', 'waiting-children', 'failed'] as const;
/** Requests to the API at one time. */
const AT_ONCE = 16;

/** Everything that is to be judged, as it is now. Call it when nothing is under way any more. */
export async function collectEvidence(world: World, accepted: readonly Accepted[]): Promise<Evidence> {
  const [tables, books, ledger, jobs, views, unforeseen] = await Promise.all([
    readTables(world.databaseUrl),
    readBooks(world.sandboxUrl),
    ledgerClient(world.ledgerUrl).lines(),
    readJobs(world.redisUrl),
    readViews(world, accepted),
    world.logLines('"status":500'),
  ]);
  const toldNotices = world.receiver.told();
  const outside = { ...books, lines: ledger.lines, toldNotices };
  return { accepted, impaired: world.impaired, ...tables, ...outside, jobs, views, unforeseen };
}

async function readTables(databaseUrl: string): Promise<Pick<Evidence, keyof typeof TABLES>> {
  const client = new pg.Client({ connectionString: databaseUrl, types: utcTypes });
  await client.connect();
  try {
    // One snapshot: what changes meanwhile changes for all tables or for none.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const read: Record<string, unknown[]> = {};
    for (const [name, query] of Object.entries(TABLES)) read[name] = (await client.query<object>(query)).rows;
    return read as unknown as Pick<Evidence, keyof typeof TABLES>;
  } finally {
    await client.end();
  }
}

async function readBooks(sandboxUrl: string): Promise<Pick<Evidence, 'books' | 'voids'>> {
  const response = await fetch(`${sandboxUrl}/sandbox/operations`);
  const { items, voids } = (await response.json()) as { items: BookItem[]; voids: VoidSeen[] };
  return { books: items, voids };
}

async function readJobs(redisUrl: string): Promise<readonly JobSeen[]> {
  const backend = redisBackend({ url: redisUrl });
  await backend.ready();
  const queues = QUEUE_NAMES.map((name) => backend.queue(name));
  const seen: JobSeen[] = [];
  for (const queue of queues)
    for (const state of JOB_STATES)
      for (const job of await queue.getJobs([state]))
        // One that was removed while the list was read is null.
        if (job as typeof job | null)
          seen.push({ queue: queue.name, id: String(job.id), state, sagaId: sagaOf(job.data) });
  await Promise.all(queues.map((queue) => queue.close()));
  await backend.close();
  return seen;
}

/** An event belongs to the saga whose step's key its own begins with. */
function sagaOf(data: unknown): string {
  const { sagaId, key } = data as { sagaId?: string; key?: string };
  return sagaId ?? key?.split(':')[0] ?? '';
}

async function readViews(world: World, accepted: readonly Accepted[]): Promise<Evidence['views']> {
  const ask = apiClient(() => world.apiUrl());
  const views = new Map<string, unknown>();
  const left = [...accepted];
  const read = async () => {
    for (let saga = left.pop(); saga; saga = left.pop()) {
      const answer = await ask('GET', `/api/sagas/${saga.sagaId}`);
      views.set(saga.sagaId, answer?.status === 200 ? answer.body : undefined);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  return views;
}

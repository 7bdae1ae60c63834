import type { Client } from 'pg';
import { isRunning } from '../../support/process.ts';
import { eventually } from '../../support/eventually.ts';
import { stopCrew } from './crew.ts';
import type { Rig } from './rig.ts';
import type { Violation } from '../types.ts';

const RULE = '4 nothing is left behind';

/** Ends all processes, and says what is still there of them: in the process table, in PostgreSQL and in Redis. */
export async function stopAndFindLeftovers(rig: Rig): Promise<readonly Violation[]> {
  const badEnds = await stopCrew(rig.members);
  const pids = rig.members.flatMap((member) => member.pids);
  const looks = [
    (await noneOf(() => Promise.resolve(pids.filter(isRunning)))).map((pid) => `Process ${pid} still runs`),
    await noneOf(() => rig.asPostgres(sessionsOf)),
    await noneOf(() => rig.asRedis((redis) => redis.keys('*:lock'))),
    await noneOf(() => rig.asRedis(connectionsOf)),
  ];
  return [...badEnds, ...looks.flat()].map((message) => ({ sagaId: null, rule: RULE, message }));
}

/** What is there at last: servers take a moment to see that a client is gone. */
async function noneOf<T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  let seen: readonly T[] = [];
  const gone = async () => {
    seen = await look();
    return seen.length === 0;
  };
  return eventually(gone, { timeoutMs: 5_000 }).then(
    () => [],
    () => seen,
  );
}

/** Sessions that are not ours, and advisory locks. */
async function sessionsOf(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ text: string }>(
    `SELECT format('PostgreSQL session of %s, %s: %s', application_name, state, query) AS text
     FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name ~ '^(worker-|api)'
     UNION ALL SELECT format('Advisory lock %s of session %s', objid, pid) FROM pg_locks WHERE locktype = 'advisory'
     UNION ALL SELECT format('Prepared transaction %s', gid) FROM pg_prepared_xacts`,
  );
  return rows.map(({ text }) => text);
}

/** All connections but the one that asks. */
async function connectionsOf(redis: Parameters<Parameters<Rig['asRedis']>[0]>[0]): Promise<readonly string[]> {
  const id = await redis.client('ID');
  const list = (await redis.client('LIST')) as string;
  const others = list.split('\n').filter((line) => line !== '' && !line.startsWith(`id=${id} `));
  return others.map((line) => `Redis connection ${line}`);
}

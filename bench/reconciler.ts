/**
 * What a sweep of the reconciler costs: `npm run bench:reconciler -- --finished 1000000 --waiting 100000`. Fills a private
 * PostgreSQL with finished sagas and sagas that wait for an answer, and prints the plans of the sweep's queries as they ran;
 * and that of the query by which scaling knows how late the oldest step is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { findServers } from '../src/servers/find-servers.ts';
import { migrate } from '../src/store/database/migrate.ts';
import { OLDEST_READY } from '../src/store/reads/oldest-ready.ts';
import { SUSPECT_STATEMENTS } from '../src/store/upkeep/suspects.ts';

const { values } = parseArgs({
  options: { finished: { type: 'string', default: '1000000' }, waiting: { type: 'string', default: '100000' } },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

const INSERT = `
  INSERT INTO saga_state (saga_id, saga_type, current_step, step_index, status, definition, steps_done, input, state,
    timeout_at, wait_until, completed_at, updated_at)
  SELECT $2 || '-' || gen_random_uuid(), upper($2), 'ANSWER', 1, $3, ARRAY['ASK', 'ANSWER', 'ACT'], 1, '{"n": 1}', '{"n": 1}',
    now() + interval '1 day', $4::timestamp, $5::timestamp, now() - interval '1 hour'
  FROM generate_series(1, $1::int)`;

async function fill(sql: Client): Promise<void> {
  say(`${values.finished} finished and ${values.waiting} waiting sagas ...`);
  await sql.query(INSERT, [Number(values.finished), 'finished', 'COMPLETED', null, '2026-01-01']);
  await sql.query(INSERT, [Number(values.waiting), 'waiting', 'RUNNING', '2099-01-01', null]);
  await sql.query('VACUUM ANALYZE saga_state');
}

async function showPlans(sql: Client): Promise<void> {
  for (const [name, statement] of Object.entries({ ...SUSPECT_STATEMENTS, oldestReady: OLDEST_READY })) {
    const query = statement.replace('$1::bigint', '0');
    // The first run warms the cache, as a sweep a second does.
    await sql.query(query);
    const { rows } = await sql.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ${query}`);
    say(`\n${name}\n${rows.map((row) => `  ${row['QUERY PLAN']}`).join('\n')}`);
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'bench-'));
const path = process.env['PATH'] ?? '';
const servers = await findServers({ dataDir, databaseUrl: undefined, redisUrl: undefined, path, progress: say });
try {
  await migrate(servers.databaseUrl);
  const sql = new Client({ connectionString: servers.databaseUrl });
  await sql.connect();
  await fill(sql);
  await showPlans(sql);
  await sql.end();
} finally {
  await servers.stop();
  await rm(dataDir, { recursive: true });
}

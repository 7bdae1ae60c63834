/**
 * What scaling does with a load that comes at once: `npm run bench:autoscaling -- --sagas 5000 --slots 10 --min 1 --max 4`.
 * Starts private servers, `backstep autoscale` on them, and sagas of four steps of 50 ms; prints the load and the workers
 * second by second, until the queues are empty and the workers are back at the minimum; then whether anything was lost by it.
 * Ends with exit code 1 if so.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { pino } from 'pino';
import { readSignals } from '../src/autoscaling/signals.ts';
import { postgresBackend, redisBackend } from '../src/queues/backend.ts';
import { createRunner } from '../src/runner.ts';
import type { Runner } from '../src/runner/interface.ts';
import { findServers, type Servers } from '../src/servers/find-servers.ts';
import { migrate } from '../src/store/database/migrate.ts';
import { connectPrisma } from '../src/store/database/prisma.ts';
import { brisk } from '../test/fixtures/brisk.ts';
import { eventually } from '../test/support/eventually.ts';
import { type Program, runTypeScript } from '../test/support/process.ts';

const { values } = parseArgs({
  options: {
    sagas: { type: 'string', default: '5000' },
    slots: { type: 'string', default: '10' },
    min: { type: 'string', default: '1' },
    max: { type: 'string', default: '4' },
  },
});
const PREFIX = '{bench}';
const GROUP = 100;
let started = false;
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function startAutoscaler({ databaseUrl, queues }: Servers): Promise<Program> {
  const args = ['autoscale', '--min', values.min, '--max', values.max, '--sagas', 'test/fixtures/brisk.ts'];
  const program = runTypeScript('src/main.ts', args, {
    DATABASE_URL: databaseUrl,
    ...(queues.kind === 'redis' ? { REDIS_URL: queues.url } : {}),
    QUEUE_PREFIX: PREFIX,
    WORKER_CONCURRENCY: values.slots,
  });
  await eventually(
    () => {
      if (program.stderr() !== '') throw new Error(program.stderr());
      return program.stdout().includes('autoscaler ready');
    },
    { timeoutMs: 60_000 },
  );
  return program;
}

/** The starts come in groups: so many at once would wait for the queues longer than a start may. */
async function startSagas(runner: Runner): Promise<void> {
  for (let left = Number(values.sagas); left > 0; left -= GROUP)
    await Promise.all(Array.from({ length: Math.min(GROUP, left) }, () => runner.start('BRISK', {})));
  started = true;
}

/** Prints a line a second until there is nothing to do and no worker too many. */
async function watch(runner: Runner): Promise<void> {
  const startedAtMs = performance.now();
  say('\n   time  backlog  active  oldest ready  workers');
  for (;;) {
    const { backlog, active, oldestReadyMs, workers } = await readSignals(runner);
    const cells = [
      `${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`.padStart(7),
      String(backlog).padStart(9),
      String(active).padStart(8),
      `${(oldestReadyMs / 1_000).toFixed(1)} s`.padStart(14),
      String(workers).padStart(9),
    ];
    say(cells.join(''));
    if (started && backlog === 0 && workers === Number(values.min)) return;
    await sleep(1_000);
  }
}

const TROUBLES = ['job stalled', 'child process died', 'handed over', 'flow rebuilt', 'worker error'];

/** What went otherwise than it should, a line each. */
async function findTroubles(sql: Client, output: string): Promise<readonly string[]> {
  const count = async (what: string) =>
    (await sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${what}`)).rows[0]?.n;
  const found: Readonly<Record<string, number>> = {
    'sagas missing': Number(values.sagas) - ((await count('saga_state')) ?? 0),
    'sagas not COMPLETED': (await count(`saga_state WHERE status <> 'COMPLETED'`)) ?? 0,
    'steps with more than one attempt': (await count('saga_step WHERE attempts <> 1')) ?? 0,
    'sagas whose flow was built again': (await count('saga_state WHERE generation <> 1')) ?? 0,
    ...Object.fromEntries(TROUBLES.map((trouble) => [`lines with "${trouble}"`, output.split(trouble).length - 1])),
  };
  return Object.entries(found).flatMap(([what, times]) => (times === 0 ? [] : [`${times} ${what}`]));
}

async function run(servers: Servers): Promise<readonly string[]> {
  await migrate(servers.databaseUrl);
  const { prisma, close } = connectPrisma(servers.databaseUrl);
  const { queues } = servers;
  const backend =
    queues.kind === 'redis'
      ? redisBackend({ url: queues.url, prefix: PREFIX })
      : postgresBackend({ url: servers.databaseUrl });
  const runner = createRunner({ prisma, queues: backend, sagas: [brisk], log: pino({ level: 'warn' }) });
  const sql = new Client({ connectionString: servers.databaseUrl });
  await sql.connect();
  const autoscaler = await startAutoscaler(servers);
  // A new Redis is filled by the reconciler first, as one that was wiped.
  await eventually(() => backend.isMarked());
  try {
    say(
      `${values.sagas} sagas of four steps of 50 ms; ${values.min} to ${values.max} workers of ${values.slots} slots`,
    );
    await Promise.all([startSagas(runner), watch(runner)]);
    return await findTroubles(sql, autoscaler.stdout());
  } finally {
    autoscaler.kill('SIGTERM');
    await autoscaler.exited;
    await Promise.all([runner.close(), sql.end()]);
    await close();
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'bench-'));
const path = process.env['PATH'] ?? '';
const servers = await findServers({ dataDir, databaseUrl: undefined, redisUrl: undefined, path, progress: say });
try {
  const troubles = await run(servers);
  say(
    troubles.length === 0 ? '\nNo saga failed, no attempt was used twice, nothing stalled' : `\n${troubles.join('\n')}`,
  );
  process.exitCode = troubles.length === 0 ? 0 : 1;
} finally {
  await servers.stop();
  await rm(dataDir, { recursive: true });
}

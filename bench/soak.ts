/**
 * Whether memory stays flat: `npm run bench:soak -- --sagas 200000`. Starts private servers and one worker process, keeps a
 * bounded number of sagas in flight, of which a tenth is undone, and deletes what ended ten seconds ago. Prints what Redis,
 * the processes and the tables hold at every twentieth of the way, and compares the last third with the first. Exit code 1: not flat.
 */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { Runner } from '../src/index.ts';
import { findServers } from '../src/servers/find-servers.ts';
import { migrate } from '../src/store/database/migrate.ts';
import type { Servers } from './soak/runner.ts';
import { soakRunner } from './soak/runner.ts';
import type { Sample } from './soak/sample.ts';
import { takeSample } from './soak/sample.ts';
import { growthOf } from './soak/verdict.ts';

const { values } = parseArgs({ options: { sagas: { type: 'string', default: '200000' } } });
const SAGAS = Number(values.sagas);
const SAMPLES = 20;
/** By a sixth of so many, the queues have as many finished jobs and events as they keep. */
const ENOUGH = 80_000;
/** Unfinished sagas at the same time. */
const FLIGHT = 400;
const LOOK_MS = 10;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1).padStart(7)} MB`;

async function startWorker({ databaseUrl, redisUrl }: Servers): Promise<ChildProcess> {
  const file = join(import.meta.dirname, 'soak/worker.ts');
  const worker = fork(file, [databaseUrl, redisUrl], { execArgv: ['--expose-gc', '--import', 'tsx'] });
  await once(worker, 'message');
  return worker;
}

/** Starts the sagas numbered from `from` to before `to`, as others end. */
async function startSagas(runner: Runner, sql: Client, from: number, to: number): Promise<void> {
  for (let next = from; next < to;) {
    const until = Math.min(to, next + Math.max(0, FLIGHT - (await countUnfinished(sql))));
    const numbers = Array.from({ length: until - next }, (_, index) => next + index);
    await Promise.all(numbers.map((n) => runner.start('SOAKED', { n })));
    if (until === next) await sleep(LOOK_MS);
    next = until;
  }
}

async function countUnfinished(sql: Client): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING')`,
  );
  return rows[0]?.count ?? 0;
}

function describe(sagas: number, seconds: number, sample: Sample): string {
  const { redisBytes, workerRss, workerHeap, starterRss, starterHeap, rows } = sample;
  const processes = `worker ${megabytes(workerRss)} rss ${megabytes(workerHeap)} heap   starter ${megabytes(starterRss)} rss ${megabytes(starterHeap)} heap`;
  return `${String(sagas).padStart(8)} sagas ${seconds.toFixed(0).padStart(4)} s   redis ${megabytes(redisBytes)}   ${processes}   ${rows} rows`;
}

async function soak(servers: Servers): Promise<readonly Sample[]> {
  const sql = new Client({ connectionString: servers.databaseUrl });
  await sql.connect();
  const redis = new Redis(servers.redisUrl);
  const runner = soakRunner(servers);
  const worker = await startWorker(servers);
  const samples: Sample[] = [];
  const began = performance.now();
  for (let done = 0; done < SAMPLES; done += 1) {
    const [from, since] = [Math.round((SAGAS * done) / SAMPLES), performance.now()];
    const upTo = Math.round((SAGAS * (done + 1)) / SAMPLES);
    await startSagas(runner, sql, from, upTo);
    const sagasPerSecond = ((upTo - from) * 1_000) / (performance.now() - since);
    const sample = await takeSample(sql, redis, worker, sagasPerSecond);
    samples.push(sample);
    say(describe(upTo, (performance.now() - began) / 1_000, sample));
  }
  worker.send('stop');
  await once(worker, 'exit');
  await runner.close();
  redis.disconnect();
  await sql.end();
  return samples;
}

const dataDir = await mkdtemp(join(tmpdir(), 'soak-'));
// Servers that run as nobody have to pass through it.
await chmod(dataDir, 0o711);
const path = process.env['PATH'] ?? '';
const servers = await findServers({ dataDir, databaseUrl: undefined, redisUrl: undefined, path, progress: say });
try {
  if (servers.queues.kind !== 'redis') throw new Error('The soak needs a redis-server on this machine');
  await migrate(servers.databaseUrl);
  const growth = growthOf(await soak({ databaseUrl: servers.databaseUrl, redisUrl: servers.queues.url }));
  const flat = growth.every(({ ratio, allowed }) => ratio <= allowed);
  for (const { what, ratio, allowed } of growth)
    say(`${what.padEnd(24)} last third ${ratio.toFixed(2)} of the first (at most ${allowed})`);
  if (SAGAS < ENOUGH) say(`fewer than ${ENOUGH} sagas say little: what is bounded is still filling up`);
  say(`${flat ? 'flat' : 'NOT FLAT'} over ${SAGAS} sagas`);
  process.exitCode = flat ? 0 : 1;
} finally {
  await servers.stop();
  await rm(dataDir, { recursive: true });
}

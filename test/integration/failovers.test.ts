import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import request from 'supertest';
import { checkedApp } from '../support/checked-app.ts';
import type { Load } from '../support/load.ts';
import { startLoad } from '../support/load.ts';
import { freePort } from '../support/port.ts';

/** How long it lasts, in milliseconds: longer than a worker's lock. */
const LASTS_MS = 6_000;
const SAGAS = 60;

let load: Load;

beforeAll(async () => {
  load = await startLoad();
});
afterAll(() => load.close());

/** Begins a trouble, and answers how it is ended. */
type Trouble = () => Promise<() => Promise<unknown>>;

async function askRedis(...command: readonly [string, ...(string | number)[]]): Promise<void> {
  const redis = new Redis(load.servers.redis.url);
  const [name, ...args] = command;
  await redis.call(name, ...args);
  redis.disconnect();
}

async function setReadOnly(value: 'on' | 'off'): Promise<void> {
  await load.prisma.$executeRawUnsafe(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
  await load.prisma.$executeRawUnsafe('SELECT pg_reload_conf()');
}

/** The postmaster first: it then forks no process that is not listed. */
async function freezePostgres(): Promise<() => Promise<void>> {
  const postmaster = load.servers.postgres.pid();
  process.kill(postmaster, 'SIGSTOP');
  const backends = await load.prisma.$queryRawUnsafe<{ pid: number }[]>('SELECT pid FROM pg_stat_activity');
  const pids = [postmaster, ...backends.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return async () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
}

const startByHttp = async (): Promise<{ status: number; body: { code?: string; sagaId?: string } }> =>
  request(checkedApp({ runner: load.runner, log: pino({ level: 'silent' }) }))
    .post('/api/sagas/SLOW')
    .send({});

const ACCEPTED = 'accepted';
const UNAVAILABLE = 'DATABASE_UNAVAILABLE';

const troubles: [string, Trouble, string[]][] = [
  [
    'Redis is a replica whose primary is away',
    async () => {
      await askRedis('REPLICAOF', '127.0.0.1', await freePort());
      return () => askRedis('REPLICAOF', 'NO', 'ONE');
    },
    [ACCEPTED],
  ],
  [
    'Redis pauses its clients',
    async () => {
      await askRedis('CLIENT', 'PAUSE', LASTS_MS);
      return async () => undefined;
    },
    [ACCEPTED],
  ],
  [
    'PostgreSQL is read-only',
    async () => {
      await setReadOnly('on');
      return () => setReadOnly('off');
    },
    [UNAVAILABLE],
  ],
  ['PostgreSQL is frozen', freezePostgres, [ACCEPTED, UNAVAILABLE]],
];

test.each(troubles)(
  '%s in the middle of sagas: all complete at their first attempt, and a start meanwhile is answered',
  async (_name, begin, expected) => {
    const before = await load.startMany(SAGAS);
    await load.underWay(before);
    const end = await begin();
    const [{ status, body }] = await Promise.all([startByHttp(), sleep(LASTS_MS).then(end)]);
    expect(expected).toContain(status === 202 ? ACCEPTED : body.code);
    await load.allComplete(body.sagaId === undefined ? before : [...before, body.sagaId]);
  },
  90_000,
);

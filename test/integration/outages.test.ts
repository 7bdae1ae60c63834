import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from '../support/load.ts';
import { startLoad } from '../support/load.ts';

/** How long Redis is away, in milliseconds: longer than a worker's lock. */
const REDIS_AWAY_MS = 7_000;
const POSTGRES_AWAY_MS = 30_000;
const SAGAS = 60;

let load: Load;

beforeAll(async () => {
  load = await startLoad();
});
afterAll(() => load.close());

test('a wiped Redis loses no saga', async () => {
  const sagaIds = await load.startMany(SAGAS);
  await load.underWay(sagaIds);
  const redis = new Redis(load.servers.redis.url);
  await redis.flushall();
  redis.disconnect();
  await load.allComplete(sagaIds);
}, 90_000);

test('Redis killed and away: what runs completes, and what is started meanwhile is accepted and completes', async () => {
  const before = await load.startMany(SAGAS);
  await load.underWay(before);
  await load.servers.redis.kill();
  const meanwhile = await load.startMany(5);
  await sleep(REDIS_AWAY_MS);
  await load.servers.redis.start();
  await load.allComplete([...before, ...meanwhile]);
}, 90_000);

test('PostgreSQL away for 30 s in the middle of 100 sagas: no attempt is used, starts are refused as such, all complete', async () => {
  const before = await load.startMany(100);
  await load.underWay(before);
  await load.servers.postgres.kill();
  await expect(load.runner.start('SLOW', {})).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await sleep(POSTGRES_AWAY_MS);
  await load.servers.postgres.start();
  await load.allComplete(before);
}, 120_000);

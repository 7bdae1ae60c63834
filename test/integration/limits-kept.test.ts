import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Limits } from '../../src/index.ts';
import { NOTHING_TO_UNDO, TerminalError, defineSaga } from '../../src/index.ts';
import narrow from '../fixtures/narrow.ts';
import { testRedisUrl } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { createMeter } from '../support/meter.ts';
import { endProcess, startWorkerProcess } from '../support/worker-process.ts';

// What limits do when Redis is wiped, a worker dies, or a deployment changes them.

const STEP_MS = 30;
const SAGAS = 20;
const doing = createMeter();
const undoing = createMeter();
const redis = new Redis(testRedisUrl());

const calling = (limits?: Limits) =>
  defineSaga('CALLING', { input: z.object({}) })
    .step('CALL', {
      ...(limits ? { limits } : {}),
      execute: () => doing.run(STEP_MS),
      compensate: () => undoing.run(STEP_MS),
    })
    .step('REFUSE', {
      execute: () => {
        throw new TerminalError('no');
      },
      compensate: NOTHING_TO_UNDO,
    });

let engine: Engine;
beforeEach(() => {
  doing.reset();
  undoing.reset();
});
afterEach(() => engine.close());
afterAll(() => redis.disconnect());

const laneIn = (of: Engine, queueName: string) => {
  const queue = of.runner.queues.list().find(({ name }) => name === queueName);
  if (!queue) throw new Error(`No queue ${queueName}`);
  return queue;
};
const start = () =>
  Promise.all(Array.from({ length: SAGAS }, async () => (await engine.runner.start('CALLING', {})).sagaId));
const statusesOf = async (ids: readonly string[]) =>
  new Set((await Promise.all(ids.map((id) => engine.ended(id, 50_000)))).map(({ status }) => status));

test('a wiped Redis has forgotten the limit, and nobody runs without it', async () => {
  engine = await startEngine(() => [calling({ concurrency: 2 })]);
  await engine.another().work();
  const lane = laneIn(engine, 'saga-steps.CALLING.CALL');
  await eventually(async () => (await lane.getGlobalConcurrency()) === 2);
  await redis.del(...(await redis.keys(`${engine.prefix}*`)));
  expect(await statusesOf(await start())).toEqual(new Set(['COMPENSATED']));
  expect([doing.most(), undoing.most()]).toEqual([2, 2]);
  expect(await lane.getGlobalConcurrency()).toBe(2);
});

test('a worker killed with -9 does not take its slot with it', async () => {
  engine = await startEngine((prisma) => narrow({ prisma, settings: {}, log: undefined as never }).sagas, {
    work: false,
  });
  await engine.sql.query('CREATE TABLE act (key text)');
  const child = startWorkerProcess(engine, { module: 'test/fixtures/narrow.ts' });
  try {
    const { sagaId: hanging } = await engine.runner.start('NARROW', { hang: true });
    await eventually(async () => (await engine.sql.query('SELECT FROM act')).rowCount, { timeoutMs: 30_000 });
    await engine.runner.work();
    const { sagaId: next } = await engine.runner.start('NARROW', { hang: false });
    await endProcess(child, 'SIGKILL');
    expect((await engine.ended(next, 30_000)).status).toBe('COMPLETED');
    expect(await engine.ended(hanging)).toMatchObject({ status: 'COMPLETED', steps: [{ attempts: 1 }] });
  } finally {
    await endProcess(child, 'SIGKILL');
  }
});

test('a deployment takes limits away: what waits in lanes that nobody works any more runs all the same', async () => {
  engine = await startEngine(() => [calling({ concurrency: 2 })], { work: false });
  const ids = await start();
  expect(await laneIn(engine, 'saga-steps.CALLING.CALL').getPrioritizedCount()).toBe(SAGAS);
  await engine.another([calling()]).work();
  expect(await statusesOf(ids)).toEqual(new Set(['COMPENSATED']));
  expect([doing.begun(), undoing.begun()]).toEqual([SAGAS, SAGAS]);
});

test('a deployment adds limits: they hold for jobs that were added before', async () => {
  engine = await startEngine(() => [calling()], { work: false });
  const ids = await start();
  expect(await laneIn(engine, 'saga-steps').getWaitingCount()).toBe(SAGAS);
  const deployed = engine.another([calling({ concurrency: 2 })]);
  await deployed.work();
  expect(await statusesOf(ids)).toEqual(new Set(['COMPENSATED']));
  expect([doing.most(), undoing.most()]).toEqual([2, 2]);
  expect([doing.begun(), undoing.begun()]).toEqual([SAGAS, SAGAS]);
});

test('a deployment changes a limit: the newest process is right', async () => {
  engine = await startEngine(() => [calling({ concurrency: 1 })]);
  const lane = laneIn(engine, 'saga-steps.CALLING.CALL');
  await eventually(async () => (await lane.getGlobalConcurrency()) === 1);
  await engine.another([calling({ perSecond: 1_000 })]).work();
  await eventually(async () => (await lane.getGlobalConcurrency()) === null);
  await engine.another([calling({ concurrency: 4 })]).work();
  await eventually(async () => (await lane.getGlobalConcurrency()) === 4);
  expect(await statusesOf(await start())).toEqual(new Set(['COMPENSATED']));
  expect(doing.most()).toBeLessThanOrEqual(4);
});

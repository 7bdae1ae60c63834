import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { TerminalError, defineSaga } from '../../src/index.ts';
import { testRedisUrl } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

// A step that may have acted is undone, whoever turns its saga back, and whenever.

const input = z.object({});
const acts: string[] = [];
let answer: (attempt: number) => Promise<void> = async () => undefined;
let duringRequest: () => Promise<void> = async () => undefined;

const acting = {
  attempts: 2,
  timeoutMs: 100,
  execute: async ({ attempt }: { readonly attempt: number }) => {
    acts.push('do');
    await answer(attempt);
  },
  compensate: () => void acts.push('undo'),
};
/** So long that a cancel comes in between. */
const PAUSE_MS = 60_000;
const never = () => new Promise<void>(() => undefined);
const lost = () => Promise.reject(new Error('answer lost'));

let engine: Engine;
let redis: Redis;

beforeAll(async () => {
  redis = new Redis(testRedisUrl());
  engine = await startEngine(() => [
    defineSaga('PLAIN', { input }).step('A', { ...acting, backoffMs: PAUSE_MS }),
    defineSaga('QUICK', { input }).step('A', { ...acting, backoffMs: 10 }),
    defineSaga('DOUBTING', { input }).step('A', { ...acting, backoffMs: PAUSE_MS, onError: 'unknown' }),
    defineSaga('VERIFIED', { input }).step('A', {
      ...acting,
      backoffMs: PAUSE_MS,
      verify: () => ({ kind: 'unknown' as const }),
    }),
    defineSaga('ASKING', { input }).wait('A', {
      attempts: 1,
      request: async () => {
        acts.push('ask');
        await duringRequest();
      },
      signal: z.object({}),
      compensate: () => void acts.push('undo'),
    }),
  ]);
});
afterAll(async () => {
  redis.disconnect();
  await engine.close();
});
beforeEach(() => {
  acts.length = 0;
});

test.each([
  ['PLAIN', 'gave no answer', never],
  ['DOUBTING', 'says that an error proves nothing', lost],
  ['VERIFIED', 'would have been verified in the end', lost],
])('cancelled between two attempts, of which the first %s: the step is undone (%s)', async (type, _what, outcome) => {
  answer = outcome;
  const { sagaId } = await engine.runner.start(type, {});
  await engine.until(sagaId, ({ log }) => log.some(({ event }) => event === 'attempt failed'));
  await engine.runner.cancel(sagaId, { actor: 'test', reason: 'in between' });
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'CANCELLED', steps: [{ status: 'COMPENSATED' }] });
  expect(acts).toEqual(['do', 'undo']);
});

test('cancelled between two attempts, of which the first proved that nothing happened: there is nothing to undo', async () => {
  answer = lost;
  const { sagaId } = await engine.runner.start('PLAIN', {});
  await engine.until(sagaId, ({ log }) => log.some(({ event }) => event === 'attempt failed'));
  await engine.runner.cancel(sagaId, { actor: 'test', reason: 'in between' });
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'CANCELLED', steps: [{ status: 'SKIPPED' }] });
  expect(acts).toEqual(['do']);
});

test.each([
  ['an error', new Error('refused')],
  ['a TerminalError', new TerminalError('key in use')],
])('an attempt without an answer is not forgotten when %s follows it', async (_what, error) => {
  answer = (attempt) => (attempt === 1 ? never() : Promise.reject(error));
  const { sagaId } = await engine.runner.start('QUICK', {});
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPENSATED', steps: [{ status: 'COMPENSATED' }] });
  expect(acts).toEqual(['do', 'do', 'undo']);
});

test('a request whose job lost its lock was sent all the same', async () => {
  duringRequest = async () => {
    await redis.del(...(await redis.keys(`${engine.prefix}:saga-steps:*:lock`)));
  };
  const { sagaId } = await engine.runner.start('ASKING', {});
  const [steps] = engine.runner.queues.list();
  // It stalls, runs again, and sleeps.
  await eventually(async () => (await steps?.getJobState(`${sagaId}.g1.A`)) === 'delayed', { timeoutMs: 30_000 });
  expect(acts).toEqual(['ask']);
  await engine.runner.cancel(sagaId, { actor: 'test', reason: 'enough' });
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'CANCELLED', steps: [{ status: 'COMPENSATED' }] });
  expect(acts).toEqual(['ask', 'undo']);
});

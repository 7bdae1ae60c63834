import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { z } from 'zod';
import { NOTHING_TO_UNDO, createRunner, defineSaga, redisBackend } from '../../src/index.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { testPrefix, testRedisUrl } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { freePort } from '../support/port.ts';

let engine: Engine;
let release: () => void = () => undefined;
let held: Promise<void> = Promise.resolve();

const sagas = [
  defineSaga('PAY', { input: z.object({ id: z.string(), cents: z.number().int() }) }).step('ONE', {
    execute: () => undefined,
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('LONELY', { input: z.object({ id: z.string() }), subject: ({ id }) => id }).step('ONE', {
    execute: () => held,
    compensate: NOTHING_TO_UNDO,
  }),
];

beforeAll(async () => {
  engine = await startEngine(() => sagas, { outputLimitBytes: 2_000 });
});
afterAll(() => engine.close());

describe('a start', () => {
  test('answers with an id made of the type', async () => {
    const { sagaId, status, created } = await engine.runner.start('PAY', { id: 'x', cents: 1 });
    expect(sagaId).toMatch(/^pay-[0-9a-f-]{36}$/);
    expect([status, created]).toEqual(['RUNNING', true]);
    await engine.ended(sagaId);
  });

  test('with a known idempotency key and the same request answers the same saga, even many at once', async () => {
    const start = () => engine.runner.start('PAY', { id: 'x', cents: 1 }, { idempotencyKey: 'k-1' });
    const started = await Promise.all(Array.from({ length: 20 }, start));
    expect(new Set(started.map(({ sagaId }) => sagaId)).size).toBe(1);
    expect(started.filter(({ created }) => created)).toHaveLength(1);
    const reordered = await engine.runner.start('PAY', { cents: 1, id: 'x' }, { idempotencyKey: 'k-1' });
    expect(reordered.created).toBe(false);
  });

  test('with a known idempotency key and another request is refused', async () => {
    await engine.runner.start('PAY', { id: 'x', cents: 1 }, { idempotencyKey: 'k-2' });
    await expect(engine.runner.start('PAY', { id: 'x', cents: 2 }, { idempotencyKey: 'k-2' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  test('names what is wrong with the input, by pointer', async () => {
    await expect(engine.runner.start('PAY', { id: 5, cents: 1.5 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ pointer: '/id' }, { pointer: '/cents' }],
    });
    await expect(engine.runner.start('PAY', { id: 'x'.repeat(3_000), cents: 1 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/^Input of PAY is \d+ bytes, the limit is 2000$/),
    });
    await expect(engine.runner.start('PAY', { id: 'a\u0000b', cents: 1 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(engine.runner.start('NONE', {})).rejects.toMatchObject({ code: 'UNKNOWN_SAGA_TYPE' });
  });

  test('on a subject another unfinished saga works on is refused; when that has ended it is accepted', async () => {
    held = new Promise((resolve) => (release = resolve));
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => engine.runner.start('LONELY', { id: 'p-1' })),
    );
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.sagaId] : []));
    expect(won).toHaveLength(1);
    expect(results.filter(({ status }) => status === 'rejected')[0]).toMatchObject({
      reason: { code: 'SUBJECT_BUSY', message: `Saga ${won[0]} already works on p-1` },
    });
    release();
    await engine.ended(won[0] ?? '');
    const next = await engine.runner.start('LONELY', { id: 'p-1' });
    expect((await engine.ended(next.sagaId)).status).toBe('COMPLETED');
  });

  test('while Redis is down is accepted', async () => {
    const offline = await startEngine(() => sagas, { work: false, redisUrl: `redis://127.0.0.1:${await freePort()}` });
    const { sagaId, status } = await offline.runner.start('PAY', { id: 'x', cents: 1 });
    expect([status, (await offline.runner.get(sagaId)).status]).toEqual(['RUNNING', 'RUNNING']);
    await offline.close();
  });

  test('while Redis accepts connections and says nothing is accepted', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const offline = await startEngine(() => sagas, { work: false, redisUrl: `redis://127.0.0.1:${port}` });
    expect((await offline.runner.start('PAY', { id: 'x', cents: 1 })).status).toBe('RUNNING');
    await offline.close();
    await new Promise((resolve) => silent.close(resolve));
  });

  test('while PostgreSQL is down is refused as such', async () => {
    const { prisma, close } = connectPrisma(`postgresql://nobody@127.0.0.1:${await freePort()}/none`);
    const queues = redisBackend({ url: testRedisUrl(), prefix: testPrefix() });
    const runner = createRunner({ prisma, queues, sagas, log: pino({ level: 'silent' }) });
    await expect(runner.start('PAY', { id: 'x', cents: 1 })).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await runner.close();
    await close();
  });
});

describe('lists', () => {
  test('go page by page, newest first, and by type and status', async () => {
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) ids.push((await engine.runner.start('PAY', { id: `page-${n}`, cents: n })).sagaId);
    await Promise.all(ids.map((id) => engine.ended(id)));
    const first = await engine.runner.list({ type: 'PAY', status: 'COMPLETED', limit: 2 });
    const second = await engine.runner.list({ type: 'PAY', limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ sagaId }) => sagaId)).toEqual([...ids].reverse());
    await expect(engine.runner.list({ cursor: 'rubbish' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
    expect((await engine.runner.list({ type: 'NONE' })).items).toEqual([]);
  });
});

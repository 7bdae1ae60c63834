import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga } from '../../src/index.ts';
import { createRegistry } from '../../src/core/registry.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { createSagaStore } from '../../src/store/sagas/sagas.ts';
import { createVerdicts } from '../../src/store/sagas/verdicts.ts';
import { checkedApp } from '../support/checked-app.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

const acts: string[] = [];
let finish: () => void = () => undefined;
let failUndo = false;
const input = z.object({});
const by = { actor: 'ada', reason: 'customer changed their mind' };

const sagas = [
  defineSaga('HOLDING', { input })
    .step('FIRST', {
      backoffMs: 20,
      execute: () => undefined,
      compensate: () => {
        acts.push('undo FIRST');
        if (failUndo) throw new Error('cannot');
      },
    })
    .step('HOLD', {
      execute: async ({ signal }) => {
        signal.addEventListener('abort', () => acts.push('aborted'));
        acts.push('HOLD');
        await new Promise<void>((resolve) => (finish = resolve));
        return { held: true };
      },
      compensate: () => {
        acts.push('undo HOLD');
      },
    }),
  defineSaga('ASKING', { input }).wait('ASK', {
    request: () => undefined,
    signal: z.object({}),
    compensate: () => {
      acts.push('undo ASK');
    },
  }),
  defineSaga('QUICK', { input }).step('ONE', { execute: () => undefined, compensate: NOTHING_TO_UNDO }),
];

let engine: Engine;

beforeAll(async () => {
  // The one that cancels runs no steps: they run in what could be another process.
  engine = await startEngine(() => sagas, { work: false });
  await engine.another().work();
});
afterAll(() => engine.close());
beforeEach(() => {
  acts.length = 0;
  failUndo = false;
});

async function holding(): Promise<string> {
  const { sagaId } = await engine.runner.start('HOLDING', {});
  await eventually(() => acts.includes('HOLD'));
  return sagaId;
}

test('a cancel reaches a step that runs elsewhere, does not wait for it, and undoes the saga', async () => {
  const sagaId = await holding();
  expect((await engine.runner.cancel(sagaId, by)).status).toBe('COMPENSATING');
  await eventually(() => acts.includes('aborted'));
  const saga = await engine.ended(sagaId);
  expect(saga).toMatchObject({ status: 'CANCELLED', error: 'Saga cancelled', reason: by.reason });
  expect(acts.filter((act) => act.startsWith('undo'))).toEqual(['undo HOLD', 'undo FIRST']);
  finish();
  const late = await engine.until(sagaId, ({ tasks }) => tasks.length > 0);
  expect(late).toMatchObject({ status: 'CANCELLED', tasks: [{ kind: 'LATE_RESULT', step: 'HOLD' }] });
});

test('a second cancel, and one that lost to the end, are refused', async () => {
  const sagaId = await holding();
  const results = await Promise.allSettled([engine.runner.cancel(sagaId, by), engine.runner.cancel(sagaId, by)]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await engine.ended(sagaId);
  finish();
  const quick = await engine.runner.start('QUICK', {});
  await engine.ended(quick.sagaId);
  await expect(engine.runner.cancel(quick.sagaId, by)).rejects.toMatchObject({
    code: 'WRONG_STATE',
    message: `Saga ${quick.sagaId} is COMPLETED: it cannot be cancelled`,
  });
});

test('a saga that waits for an answer is cancelled, and its request undone', async () => {
  const { sagaId } = await engine.runner.start('ASKING', {});
  await engine.until(sagaId, ({ waitUntil }) => waitUntil !== null);
  await engine.runner.cancel(sagaId, by);
  expect((await engine.ended(sagaId)).status).toBe('CANCELLED');
  expect(acts).toEqual(['undo ASK']);
});

test('a process that dies right after the cancel is committed leaves nothing asleep', async () => {
  const { sagaId } = await engine.runner.start('ASKING', {});
  await engine.until(sagaId, ({ waitUntil }) => waitUntil !== null);
  const { prisma, close } = connectPrisma(engine.url);
  await createVerdicts(createSagaStore(prisma, createRegistry(sagas))).cancel(sagaId, by);
  await close();
  // The flow is not replaced: its step would sleep until the wait's timeout.
  expect((await engine.ended(sagaId, 30_000)).status).toBe('CANCELLED');
  expect(acts).toEqual(['undo ASK']);
});

test('a parked saga is cancelled, and ends as such when its compensation succeeds', async () => {
  failUndo = true;
  const sagaId = await holding();
  await engine.sql.query(`UPDATE saga_state SET timeout_at = now() WHERE saga_id = $1`, [sagaId]);
  await engine.until(sagaId, ({ status }) => status === 'FAILED');
  expect((await engine.runner.cancel(sagaId, by)).status).toBe('FAILED');
  failUndo = false;
  await engine.runner.retryCompensation(sagaId, 'FIRST', by);
  expect((await engine.ended(sagaId)).status).toBe('CANCELLED');
});

test('a saga whose worker has gone is ended by its deadline all the same', async () => {
  const sagaId = await holding();
  await engine.sql.query(`UPDATE saga_state SET timeout_at = now() WHERE saga_id = $1`, [sagaId]);
  expect(await engine.ended(sagaId)).toMatchObject({ status: 'TIMEOUT', error: 'Saga timeout exceeded' });
});

test('the route answers 202, and 409 the second time', async () => {
  const app = checkedApp({ runner: engine.runner, log: pino({ level: 'silent' }) });
  const sagaId = await holding();
  const cancel = () => request(app).post(`/api/sagas/${sagaId}/cancel`).send({ reason: 'no' });
  expect((await cancel()).status).toBe(202);
  expect(await cancel()).toMatchObject({ status: 409, body: { code: 'WRONG_STATE' } });
  expect((await request(app).post('/api/sagas/none/cancel').send({ reason: 'no' })).status).toBe(404);
  expect((await request(app).post(`/api/sagas/${sagaId}/cancel`).send({})).status).toBe(422);
  await engine.ended(sagaId);
});

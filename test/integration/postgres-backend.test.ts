import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineSaga } from '../../src/index.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

// Without Redis the queues live in PostgreSQL. What must hold there: steps, retries, waits, compensation, parking, and
// taking up again what another process left. The crash of a worker process is in recovery.test.ts.

const input = z.object({ fail: z.string().optional() });
const acts = new Map<string, string[]>();
let undoFails = false;

function act(sagaId: string, name: string): void {
  acts.set(sagaId, [...(acts.get(sagaId) ?? []), name]);
}

const saga = defineSaga('EVERY_KIND', { input })
  .step('OUTSIDE', {
    backoffMs: 20,
    execute: ({ sagaId }) => act(sagaId, 'OUTSIDE'),
    compensate: ({ sagaId }) => {
      act(sagaId, 'undo OUTSIDE');
      if (undoFails) throw new Error('cannot undo');
    },
  })
  .wait('ASK', {
    request: ({ sagaId }) => act(sagaId, 'ASK'),
    signal: z.object({ answer: z.string() }),
    compensate: ({ sagaId }) => act(sagaId, 'undo ASK'),
  })
  .transaction('INSIDE', {
    backoffMs: 20,
    execute: ({ sagaId, input: { fail } }) => {
      act(sagaId, 'INSIDE');
      if (fail !== undefined) throw new Error(fail);
      return { inside: true };
    },
    compensate: ({ sagaId }) => act(sagaId, 'undo INSIDE'),
  });

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => [saga], { backend: 'postgres' });
});
afterAll(() => engine.close());

async function run(request: object) {
  const { sagaId } = await engine.runner.start('EVERY_KIND', request);
  await engine.runner.signal(sagaId, 'ASK', { answer: 'yes' });
  return engine.ended(sagaId, 30_000);
}

test('a saga with every kind of step runs to its end', async () => {
  const ended = await run({});
  expect(ended).toMatchObject({ status: 'COMPLETED', state: { answer: 'yes', inside: true } });
  expect(acts.get(ended.sagaId)).toEqual(['OUTSIDE', 'ASK', 'INSIDE']);
});

test('a step that fails three times is undone in reverse', async () => {
  const ended = await run({ fail: 'no room' });
  expect(ended).toMatchObject({ status: 'COMPENSATED', error: 'no room', retryCount: 3 });
  expect(acts.get(ended.sagaId)).toEqual(['OUTSIDE', 'ASK', 'INSIDE', 'INSIDE', 'INSIDE', 'undo ASK', 'undo OUTSIDE']);
});

test('a compensation that fails parks the saga, and a retry resumes it', async () => {
  undoFails = true;
  const parked = await run({ fail: 'no room' });
  expect(parked).toMatchObject({ status: 'FAILED', tasks: [{ step: 'OUTSIDE' }] });
  undoFails = false;
  await engine.runner.retryCompensation(parked.sagaId, 'OUTSIDE', { actor: 'ada', reason: 'fixed' });
  expect((await engine.ended(parked.sagaId)).status).toBe('COMPENSATED');
});

test('fifty at once all end', async () => {
  const ended = await Promise.all(Array.from({ length: 50 }, () => run({})));
  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['COMPLETED']));
});

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Queue } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineSaga } from '../../src/index.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

// What a person can do to the queues in the dashboard, done in the middle of sagas of which a third fail. None may end
// wrong, and what was removed has to come back.

const SAGAS = 24;
const done = new Map<string, string[]>();
const note = (sagaId: string, what: string) => done.set(sagaId, [...(done.get(sagaId) ?? []), what]);

const saga = defineSaga('FRAGILE', { input: z.object({ fails: z.boolean() }) })
  .step('A', {
    backoffMs: 50,
    execute: ({ sagaId }) =>
      sleep(60)
        .then(() => note(sagaId, 'A'))
        .then(() => undefined),
    compensate: ({ sagaId }) =>
      sleep(60)
        .then(() => note(sagaId, 'undo A'))
        .then(() => undefined),
  })
  .step('B', {
    backoffMs: 50,
    execute: ({ sagaId }) =>
      sleep(60)
        .then(() => note(sagaId, 'B'))
        .then(() => undefined),
    compensate: ({ sagaId }) =>
      sleep(60)
        .then(() => note(sagaId, 'undo B'))
        .then(() => undefined),
  })
  .step('C', {
    attempts: 2,
    backoffMs: 50,
    execute: async ({ input, sagaId }) => {
      await sleep(60);
      if (input.fails) throw new Error('no C');
      note(sagaId, 'C');
    },
    compensate: () => undefined,
  });

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => [saga]);
});
afterAll(() => engine.close());
beforeEach(() => done.clear());

const ACCIDENTS: readonly (readonly [string, (queue: Queue) => Promise<unknown>])[] = [
  ['emptied', (queue) => queue.drain(true)],
  ['cleaned of failed jobs', (queue) => queue.clean(0, 1_000, 'failed')],
  ['cleaned of waiting jobs', (queue) => queue.clean(0, 1_000, 'wait')],
  ['retried as a whole', (queue) => queue.retryJobs({ state: 'failed' })],
  ['retried as a whole, the completed ones', (queue) => queue.retryJobs({ state: 'completed' })],
  ['promoted as a whole', (queue) => queue.promoteJobs()],
  [
    'paused and resumed',
    (queue) =>
      queue
        .pause()
        .then(() => sleep(500))
        .then(() => queue.resume()),
  ],
  ['obliterated', (queue) => queue.obliterate({ force: true })],
];

test.each(ACCIDENTS)(
  'every queue is %s: no saga ends wrong',
  async (_what, accident) => {
    const inputs = Array.from({ length: SAGAS }, (_, n) => ({ fails: n % 3 === 0 }));
    const started = await Promise.all(
      inputs.map(async (input) => ({ ...(await engine.runner.start('FRAGILE', input)), ...input })),
    );
    for (const queue of engine.runner.queues.list()) {
      await sleep(40);
      await accident(queue);
    }
    for (const { sagaId, fails } of started) {
      const ended = await engine.ended(sagaId, 45_000);
      expect(ended.status).toBe(fails ? 'COMPENSATED' : 'COMPLETED');
      const undone = [...new Set(done.get(sagaId)?.filter((what) => what.startsWith('undo')))];
      expect(undone).toEqual(fails ? ['undo B', 'undo A'] : []);
    }
  },
  90_000,
);

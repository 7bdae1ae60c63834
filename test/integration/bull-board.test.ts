import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { createApp } from '../../src/http/app.ts';
import { NOTHING_TO_UNDO, defineSaga } from '../../src/index.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

let engine: Engine;
let app: ReturnType<typeof createApp>;
let undoFails = true;
let undone = 0;

const saga = defineSaga('BREAKING', { input: z.object({}) })
  .step('A', {
    backoffMs: 20,
    execute: () => undefined,
    compensate: () => {
      if (undoFails) throw new Error('still down');
      undone += 1;
    },
  })
  .step('B', {
    attempts: 1,
    execute: () => {
      throw new Error('no');
    },
    compensate: NOTHING_TO_UNDO,
  });

beforeAll(async () => {
  engine = await startEngine(() => [saga]);
  app = createApp({ runner: engine.runner, log: pino({ level: 'silent' }) });
});
afterAll(() => engine.close());

async function park(): Promise<string> {
  undoFails = true;
  const { sagaId } = await engine.runner.start('BREAKING', {});
  expect((await engine.ended(sagaId)).status).toBe('FAILED');
  return sagaId;
}

/** Presses the button of the failed compensation's job. The job fails in Redis a moment after its saga is parked. */
const pressRetry = (sagaId: string) =>
  eventually(async () => {
    const response = await request(app).put(`/admin/queues/api/queues/saga-compensations/${sagaId}.g1.A.undo/retry`);
    return response.status < 300;
  });
const queue = (name: string) => engine.runner.queues.list().find((each) => each.name === name);

test("Bull Board's retry button resumes a parked saga to COMPENSATED", async () => {
  const sagaId = await park();
  undoFails = false;
  undone = 0;
  await pressRetry(sagaId);
  const saga = await engine.until(sagaId, ({ status }) => status === 'COMPENSATED');
  expect(undone).toBe(1);
  expect(saga.tasks).toMatchObject([{ status: 'resolved', resolution: 'retry', resolvedBy: 'anonymous' }]);
});

test('a failed compensation that is retried in the queue by other means resumes its saga, and the queue did it', async () => {
  const sagaId = await park();
  undoFails = false;
  await eventually(async () => (await queue('saga-compensations')?.getJobState(`${sagaId}.g1.A.undo`)) === 'failed');
  await (await queue('saga-compensations')?.getJob(`${sagaId}.g1.A.undo`))?.retry();
  const saga = await engine.until(sagaId, ({ status }) => status === 'COMPENSATED');
  expect(saga.tasks).toMatchObject([{ status: 'resolved', resolution: 'retry', resolvedBy: 'queue' }]);
});

test("a retry from Bull Board has all the compensation's attempts, and parks the saga again when they fail", async () => {
  const sagaId = await park();
  await pressRetry(sagaId);
  const saga = await engine.until(sagaId, ({ status, tasks }) => status === 'FAILED' && tasks.length === 2);
  expect(saga.steps[0]).toMatchObject({ status: 'COMPENSATION_FAILED', compensationAttempts: 3 });
});

test('the retry route resumes a parked saga to COMPENSATED', async () => {
  const sagaId = await park();
  undoFails = false;
  const response = await request(app)
    .post(`/api/sagas/${sagaId}/compensations/A/retry`)
    .send({ reason: 'their desk says it is back' });
  expect(response.status).toBe(202);
  expect((await engine.until(sagaId, ({ status }) => status === 'COMPENSATED')).tasks).toMatchObject([
    { resolution: 'retry', reason: 'their desk says it is back' },
  ]);
});

test('a parked saga whose failed job was removed by other means stays parked, and can be retried', async () => {
  const sagaId = await park();
  await eventually(async () => (await queue('saga-compensations')?.getJobState(`${sagaId}.g1.A.undo`)) === 'failed');
  await queue('saga-compensations')?.remove(`${sagaId}.g1.A.undo`);
  await eventually(async () => (await queue('saga-steps')?.getJobState(`${sagaId}.g1.B`)) !== 'waiting-children');
  expect((await engine.runner.get(sagaId)).status).toBe('FAILED');
  undoFails = false;
  await request(app).post(`/api/sagas/${sagaId}/compensations/A/retry`).send({ reason: 'again' }).expect(202);
  await engine.until(sagaId, ({ status }) => status === 'COMPENSATED');
});

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Job } from 'bullmq';
import { z } from 'zod';
import { TerminalError, defineSaga } from '../../src/index.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

// What a process that is frozen, or that dies again and again, leaves in the database for the others.

const plan = new Map<string, () => Promise<void>>();
const does = (name: string) => async () => plan.get(name)?.();

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => [
    defineSaga('PLAIN', { input: z.object({}) })
      .step('A', { backoffMs: 20, execute: does('A'), compensate: does('undo A') })
      .step('B', { backoffMs: 20, execute: does('B'), compensate: does('undo B') }),
  ]);
});
afterAll(() => engine.close());
beforeEach(() => plan.clear());

const queueOf = (name: string) => engine.runner.queues.list().find((queue) => queue.name === name);

/** As if so many processes had died in the run under way. */
const loseRuns = (query: string) => async () => {
  await engine.sql.query(query);
  throw new Error('and one that failed');
};

test('a saga whose row is locked by a frozen process holds up no other', async () => {
  const locking = await engine.sql.connect();
  let held = '';
  try {
    // Its first step waits until its row is locked, and then stands before its record.
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    plan.set('A', () => opened);
    held = (await engine.runner.start('PLAIN', {})).sagaId;
    await engine.until(held, ({ steps }) => steps[0]?.status === 'PENDING');
    await locking.query('BEGIN');
    await locking.query('SELECT 1 FROM saga_state WHERE saga_id = $1 FOR UPDATE', [held]);
    plan.clear();
    open();
    const others = await Promise.all(Array.from({ length: 20 }, () => engine.runner.start('PLAIN', {})));
    for (const { sagaId } of others) expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
    expect((await engine.runner.get(held)).status).toBe('RUNNING');
  } finally {
    await locking.query('ROLLBACK');
    locking.release();
  }
  expect(await engine.ended(held)).toMatchObject({ status: 'COMPLETED', steps: [{ attempts: 1 }, { attempts: 1 }] });
});

test('a step whose runs never answer is in doubt, and undone', async () => {
  const undone: string[] = [];
  plan.set('undo B', async () => void undone.push('B'));
  plan.set('undo A', async () => void undone.push('A'));
  plan.set('B', loseRuns('UPDATE saga_state SET check_ins = 10 WHERE status = $$RUNNING$$'));
  const { sagaId } = await engine.runner.start('PLAIN', {});
  const saga = await engine.ended(sagaId);
  expect(saga).toMatchObject({ status: 'COMPENSATED', error: 'B was run 10 times and never answered' });
  expect(undone).toEqual(['B', 'A']);
});

test('a parked compensation whose process died before its job failed was retried by nobody', async () => {
  plan.set('undo A', async () => {
    throw new TerminalError('cannot be undone');
  });
  plan.set('B', async () => {
    throw new Error('no B');
  });
  const { sagaId } = await engine.runner.start('PLAIN', {});
  const parked = await engine.ended(sagaId);
  const failed = () =>
    eventually(async () => {
      const job = (await queueOf('saga-compensations')?.getJob(`${sagaId}.g1.A.undo`)) as Job | undefined;
      return job?.data.failedFor !== undefined && (await job.isFailed()) ? job : false;
    });
  // As the stalled-job check would find it: run again, and not knowing of the task.
  const job = await failed();
  await job.updateData({ sagaId, type: 'PLAIN', generation: 1, step: 'A' });
  await job.retry();
  await failed();
  expect(await engine.runner.get(sagaId)).toEqual(parked);
});

test('a saga that a person ends leaves no job behind', async () => {
  plan.set('undo A', async () => {
    throw new TerminalError('cannot be undone');
  });
  plan.set('B', async () => {
    throw new Error('no B');
  });
  const { sagaId } = await engine.runner.start('PLAIN', {});
  const { tasks } = await engine.ended(sagaId);
  await engine.runner.resolve(tasks[0]?.id ?? '', 'undone', { actor: 'test', reason: 'by hand' });
  expect((await engine.runner.get(sagaId)).status).toBe('COMPENSATED');
  const states = () =>
    Promise.all([
      queueOf('saga-steps')?.getJobState(`${sagaId}.g1.B`),
      queueOf('saga-compensations')?.getJobState(`${sagaId}.g1.A.undo`),
    ]);
  await eventually(async () => (await states()).every((state) => state === 'unknown'));
});

test('a compensation whose runs never answer is not begun for ever: a person is asked', async () => {
  let runs = 0;
  plan.set('undo A', async () => {
    runs += 1;
    if (runs === 1) await loseRuns('UPDATE saga_step SET compensation_check_ins = 10')();
  });
  plan.set('B', async () => {
    throw new Error('no B');
  });
  const { sagaId } = await engine.runner.start('PLAIN', {});
  const parked = await engine.ended(sagaId);
  expect(parked).toMatchObject({ status: 'FAILED', tasks: [{ kind: 'COMPENSATION_FAILED', status: 'open' }] });
  expect(parked.tasks[0]?.message).toBe('compensation of A was run 10 times and never answered');
  expect(runs).toBe(1);
  // Whoever mends the cause asks for it anew, and the count begins anew.
  await engine.runner.retryCompensation(sagaId, 'A', { actor: 'test', reason: 'mended' });
  expect((await engine.ended(sagaId)).status).toBe('COMPENSATED');
  expect(runs).toBe(2);
});

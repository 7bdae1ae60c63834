import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, TerminalError, defineSaga } from '../../src/index.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

const acts: string[] = [];
let beforeAnswer: () => Promise<void> = async () => undefined;
const input = z.object({ id: z.string() });
const answer = z.object({ deviceId: z.string() });

const wait = (type: string, timeoutMs: number, onTimeout: 'failed' | 'unknown') =>
  defineSaga(type, { input })
    .step('FIRST', {
      execute: async () => {
        await beforeAnswer();
      },
      compensate: () => {
        acts.push('undo FIRST');
      },
    })
    .wait('ANSWER', {
      request: ({ key }) => {
        acts.push(`ask ${key.endsWith(':ANSWER:do')}`);
      },
      signal: answer,
      timeoutMs,
      onTimeout,
      accept: ({ answer: { deviceId } }) => {
        if (deviceId === 'none') throw new TerminalError('no device is free');
        return { deviceId };
      },
      compensate: () => {
        acts.push('undo ANSWER');
      },
    })
    .step('LAST', { execute: ({ state }) => ({ got: state.deviceId }), compensate: NOTHING_TO_UNDO });

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => [
    wait('PATIENT', 30_000, 'unknown'),
    wait('HASTY', 300, 'unknown'),
    wait('CARELESS', 300, 'failed'),
  ]);
});
afterAll(() => engine.close());
beforeEach(() => {
  acts.length = 0;
  beforeAnswer = async () => undefined;
});

const start = async (type: string) => (await engine.runner.start(type, { id: 'x' })).sagaId;
const waiting = async (type: string) => {
  const sagaId = await start(type);
  await engine.until(sagaId, ({ waitUntil }) => waitUntil !== null);
  return sagaId;
};
const stepJob = async (sagaId: string) => {
  const queue = engine.runner.queues.list().find(({ name }) => name === 'saga-steps');
  const job = await queue?.getJob(`${sagaId}.g1.ANSWER`);
  if (!job) throw new Error('no job');
  return job;
};

describe('a waiting step', () => {
  test('holds no worker, and goes on when its signal comes', async () => {
    const sagaId = await waiting('PATIENT');
    await eventually(async () => (await (await stepJob(sagaId)).getState()) === 'delayed');
    expect(await engine.runner.signal(sagaId, 'ANSWER', { deviceId: 'd-1' })).toEqual({ accepted: 'now' });
    expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPLETED', state: { deviceId: 'd-1', got: 'd-1' } });
    expect(acts).toEqual(['ask true']);
  });

  test('takes a signal that came before it waited', async () => {
    let go: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (go = resolve));
    beforeAnswer = () => told;
    const sagaId = await start('PATIENT');
    await engine.runner.signal(sagaId, 'ANSWER', { deviceId: 'early' });
    go();
    expect((await engine.ended(sagaId)).state).toMatchObject({ got: 'early' });
  });

  test('takes each of many signals that race with its going to sleep', async () => {
    const sagaIds = await Promise.all(Array.from({ length: 50 }, () => start('PATIENT')));
    await Promise.all(sagaIds.map((sagaId) => engine.runner.signal(sagaId, 'ANSWER', { deviceId: 'd' })));
    const ended = await Promise.all(sagaIds.map((sagaId) => engine.ended(sagaId)));
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['COMPLETED']));
  });

  test('sleeps on when it is promoted in the dashboard', async () => {
    const sagaId = await waiting('PATIENT');
    await eventually(async () => (await (await stepJob(sagaId)).getState()) === 'delayed');
    await (await stepJob(sagaId)).promote();
    await eventually(async () => (await (await stepJob(sagaId)).getState()) === 'delayed');
    expect(acts).toEqual(['ask true']);
    await engine.runner.signal(sagaId, 'ANSWER', { deviceId: 'd-2' });
    expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
  });

  test('fails when the answer is a refusal, and nothing of it is undone', async () => {
    const sagaId = await waiting('PATIENT');
    await engine.runner.signal(sagaId, 'ANSWER', { deviceId: 'none' });
    expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPENSATED', error: 'no device is free' });
    expect(acts).toEqual(['ask true', 'undo FIRST']);
  });

  test('whose answer does not come in time is undone', async () => {
    const saga = await engine.ended(await start('HASTY'));
    expect(saga).toMatchObject({ status: 'COMPENSATED', error: 'No answer to ANSWER in 300 ms' });
    expect(acts).toEqual(['ask true', 'undo ANSWER', 'undo FIRST']);
  });

  test('that says so is taken as failed when its answer does not come in time', async () => {
    await engine.ended(await start('CARELESS'));
    expect(acts).toEqual(['ask true', 'undo FIRST']);
  });
});

describe('a signal', () => {
  test('that does not fit is refused with its fields, and the saga still waits', async () => {
    const sagaId = await waiting('PATIENT');
    await expect(engine.runner.signal(sagaId, 'ANSWER', { deviceId: 5 })).rejects.toMatchObject({
      code: 'INVALID_SIGNAL',
      issues: [{ pointer: '/deviceId' }],
    });
    expect((await engine.runner.get(sagaId)).status).toBe('RUNNING');
    await engine.runner.signal(sagaId, 'ANSWER', { deviceId: 'd' });
    await engine.ended(sagaId);
  });

  test('of a name that came before is refused, and the same one by its id is accepted again', async () => {
    const sagaId = await waiting('PATIENT');
    const signal = (deviceId: string, signalId: string) =>
      engine.runner.signal(sagaId, 'ANSWER', { deviceId }, { signalId });
    expect(await signal('d-1', 's-1')).toEqual({ accepted: 'now' });
    expect(await signal('d-1', 's-1')).toEqual({ accepted: 'before' });
    await expect(signal('d-2', 's-1')).rejects.toMatchObject({ code: 'SIGNAL_ALREADY_RECEIVED' });
    await expect(signal('d-1', 's-2')).rejects.toMatchObject({ code: 'SIGNAL_ALREADY_RECEIVED' });
    expect((await engine.ended(sagaId)).state).toMatchObject({ got: 'd-1' });
  });

  test('for a step that waits for none, or a saga that has ended, is refused', async () => {
    const sagaId = await start('CARELESS');
    await expect(engine.runner.signal(sagaId, 'FIRST', {})).rejects.toMatchObject({ code: 'UNKNOWN_SIGNAL' });
    await engine.ended(sagaId);
    await expect(engine.runner.signal(sagaId, 'ANSWER', { deviceId: 'd' })).rejects.toMatchObject({
      code: 'WRONG_STATE',
    });
    await expect(engine.runner.signal('none', 'ANSWER', {})).rejects.toMatchObject({ code: 'UNKNOWN_SAGA' });
  });
});

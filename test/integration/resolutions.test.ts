import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga, manual } from '../../src/index.ts';
import type { Resolution, SagaView, TaskView } from '../../src/store/views.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

/** What the steps did, in order, with their keys; and what they are told to do. */
const acts: string[] = [];
const plan = new Map<string, () => unknown>();

const act =
  (name: string) =>
  async ({ key, sagaId }: { key: string; sagaId: string }) => {
    acts.push(`${name} as ${key.replace(sagaId, '')}`);
    return (await plan.get(name)?.()) ?? {};
  };
const undo = (name: string) => async (context: { key: string; sagaId: string }) => {
  await act(`undo ${name}`)(context);
};
const fails = (message: string) => () => {
  throw new Error(message);
};
const fast = { backoffMs: 5, attempts: 2 };
const input = z.object({ n: z.number().optional() });
const payingBack = manual('pay it back');

const sagas = [
  defineSaga('AUTO', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('A') })
    .step('B', { ...fast, execute: act('B'), compensate: undo('B') })
    .step('C', { ...fast, execute: act('C'), compensate: NOTHING_TO_UNDO }),
  defineSaga('BY_HAND', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('A') })
    .step('B', { ...fast, execute: act('B'), compensate: payingBack })
    .step('C', { ...fast, execute: act('C'), compensate: NOTHING_TO_UNDO }),
  defineSaga('IN_DOUBT', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('A') })
    .step('B', { ...fast, onError: 'unknown', execute: act('B'), compensate: payingBack })
    .step('C', { ...fast, execute: act('C'), compensate: undo('C') }),
  defineSaga('ASKED', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('A') })
    .step('B', {
      ...fast,
      execute: act('B'),
      compensate: payingBack,
      verify: async () => (await plan.get('verify')?.()) as { kind: 'unknown' },
    }),
  defineSaga('CONTINUING', { input, onCompensationFailure: 'continue' })
    .step('A', { ...fast, execute: act('A'), compensate: undo('A') })
    .step('B', { ...fast, execute: act('B'), compensate: payingBack })
    .step('C', { ...fast, execute: act('C'), compensate: NOTHING_TO_UNDO }),
];

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => sagas);
});
afterAll(() => engine.close());
beforeEach(() => {
  acts.length = 0;
  plan.clear();
});

const by = { actor: 'ada', reason: 'looked it up' };
const statuses = (saga: SagaView) => saga.steps.map((step) => step.status);
const resolve = (task: TaskView, resolution: Resolution, output?: unknown) =>
  engine.runner.resolve(task.id, resolution, output === undefined ? by : { ...by, output });

async function parked(type: string): Promise<{ saga: SagaView; task: TaskView }> {
  const { sagaId } = await engine.runner.start(type, {});
  const saga = await engine.until(sagaId, ({ status }) => status === 'FAILED');
  const task = saga.tasks.at(-1);
  if (!task) throw new Error('no task');
  acts.length = 0;
  return { saga, task };
}

/** C fails when B is done, and only a person can undo B. */
function parkedByHand(type = 'BY_HAND') {
  plan.set('C', fails('no C'));
  return parked(type);
}

/** Nobody knows whether B acted. */
function parkedInDoubt() {
  plan.set('B', fails('timeout of request 4711'));
  return parked('IN_DOUBT');
}

function parkedBroken() {
  plan.set('C', fails('no C')).set('undo B', fails('cannot undo B: request 815 of pay_0a1b2c'));
  return parked('AUTO');
}

describe('each task says what can be done about it, and what each does', () => {
  test('a failed compensation', async () => {
    const { task } = await parkedBroken();
    expect(task.kind).toBe('COMPENSATION_FAILED');
    expect(task.effects).toEqual({
      retry: 'Runs the compensation of B again, with the same key. Then A is undone.',
      undone: 'Takes your word that you have undone B by hand. Nothing more is done about it. Then A is undone.',
      abandon: 'Nothing more is undone: what A and B did stays. The saga is ABANDONED, and its other tasks are closed.',
    });
    expect(task.resolutions).toEqual(['retry', 'undone', 'abandon']);
    expect(task.known.join(' ')).toContain('Its compensation was tried 2 times, lastly: cannot undo B');
  });

  test('a manual compensation', async () => {
    const { task } = await parkedByHand();
    expect(task.kind).toBe('MANUAL_COMPENSATION');
    expect(task.resolutions).toEqual(['undone', 'forward', 'abandon']);
    expect(task.effects.forward).toBe(
      'Undoes nothing: the saga runs on from C, with the same keys and a new deadline.',
    );
    expect(task.known.join(' ')).toContain(`called itself ${task.sagaId}:B:do`);
  });

  test('an unknown outcome', async () => {
    const { task } = await parkedInDoubt();
    expect(task).toMatchObject({ kind: 'UNKNOWN_OUTCOME', resolutions: ['done', 'undone', 'forward', 'abandon'] });
    expect(task.known[0]).toBe('Nobody knows whether B acted. It was tried 2 times, lastly: timeout of request 4711');
  });

  test('what makes no sense is refused with what does, and an output goes with done alone', async () => {
    const { task, saga } = await parkedByHand();
    await expect(resolve(task, 'done', { ok: true })).rejects.toMatchObject({
      code: 'RESOLUTION_NOT_ALLOWED',
      allowed: ['undone', 'forward', 'abandon'],
    });
    await expect(resolve(task, 'undone', { ok: true })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect((await engine.runner.get(saga.sagaId)).tasks).toEqual([task]);
  });
});

describe('done', () => {
  test('records the output as the step would have, and the saga goes on after it', async () => {
    const { saga, task } = await parkedInDoubt();
    await resolve(task, 'done', { refund: 'r1' });
    const ended = await engine.ended(saga.sagaId);
    expect(acts).toEqual(['C as :C:do']);
    expect(ended).toMatchObject({ status: 'COMPLETED', state: { refund: 'r1' }, error: null, currentStep: 'C' });
    expect(ended.steps[1]).toMatchObject({ status: 'DONE', output: { refund: 'r1' }, error: null });
    expect(ended.tasks).toMatchObject([{ status: 'resolved', resolution: 'done', resolvedBy: 'ada', resolutions: [] }]);
  });

  test('what comes after it and fails is undone with it', async () => {
    const { saga, task } = await parkedInDoubt();
    plan.set('C', fails('no C'));
    await resolve(task, 'done', {});
    const again = await engine.until(saga.sagaId, ({ status, tasks }) => status === 'FAILED' && tasks.length === 2);
    expect(again.tasks.at(-1)).toMatchObject({ kind: 'MANUAL_COMPENSATION', step: 'B' });
    await engine.runner.resolve(again.tasks.at(-1)?.id ?? '', 'undone', by);
    expect(await engine.ended(saga.sagaId)).toMatchObject({ status: 'COMPENSATED', error: 'no C' });
    expect(acts).toContain('undo A as :A:undo');
  });

  test.each([undefined, [1], 'text', { at: '\u0000' }, { big: 'x'.repeat(300_000) }])(
    'is refused without an output that could be recorded: %#',
    async (output) => {
      const { task, saga } = await parkedInDoubt();
      await expect(resolve(task, 'done', output)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await engine.runner.get(saga.sagaId)).toMatchObject({ status: 'FAILED', tasks: [{ status: 'open' }] });
    },
  );
});

describe('forward', () => {
  test('runs on from the step that failed, with its key and all its attempts', async () => {
    const { saga, task } = await parkedByHand();
    plan.delete('C');
    await resolve(task, 'forward');
    const ended = await engine.ended(saga.sagaId);
    expect(acts).toEqual(['C as :C:do']);
    expect(ended).toMatchObject({ status: 'COMPLETED', error: null, retryCount: 0 });
    expect(statuses(ended)).toEqual(['DONE', 'DONE', 'DONE']);
    expect(Date.parse(ended.timeoutAt ?? '')).toBeGreaterThan(Date.parse(saga.timeoutAt ?? ''));
  });

  test('runs the step in doubt again with the same key, and it stays in doubt until it answers', async () => {
    const { saga, task } = await parkedInDoubt();
    await resolve(task, 'forward');
    const again = await engine.until(saga.sagaId, ({ status, tasks }) => status === 'FAILED' && tasks.length === 2);
    expect(acts).toEqual(['B as :B:do', 'B as :B:do']);
    expect(again.tasks.at(-1)).toMatchObject({ kind: 'UNKNOWN_OUTCOME', status: 'open' });
    plan.delete('B');
    await engine.runner.resolve(again.tasks.at(-1)?.id ?? '', 'forward', by);
    expect(await engine.ended(saga.sagaId)).toMatchObject({ status: 'COMPLETED' });
  });

  test('is not offered once anything was undone', async () => {
    const { saga, task } = await parkedByHand('CONTINUING');
    expect(statuses(saga)).toEqual(['COMPENSATED', 'COMPENSATION_FAILED', 'FAILED']);
    expect(task.resolutions).toEqual(['undone', 'abandon']);
    await expect(resolve(task, 'forward')).rejects.toMatchObject({ code: 'RESOLUTION_NOT_ALLOWED' });
  });

  test('takes a saga on that was past its deadline, or cancelled', async () => {
    const { saga, task } = await parkedByHand();
    await engine.runner.cancel(saga.sagaId, by);
    plan.delete('C');
    const now = await engine.runner.task(task.id);
    expect(now.effects.forward).toContain('It was cancelled: this takes that back.');
    await resolve(task, 'forward');
    expect(await engine.ended(saga.sagaId)).toMatchObject({ status: 'COMPLETED', reason: null });
  });

  test('whatever of the old run still comes does not speak for the saga any more', async () => {
    const { saga, task } = await parkedByHand();
    plan.delete('C');
    await resolve(task, 'forward');
    const ended = await engine.ended(saga.sagaId);
    expect(ended.generation).toBeGreaterThan(saga.generation);
  });
});

describe('retry', () => {
  test('of an unknown outcome asks the provider once more', async () => {
    plan.set('B', fails('no answer')).set('verify', () => ({ kind: 'unknown' }));
    const { saga, task } = await parked('ASKED');
    expect(task).toMatchObject({
      kind: 'UNKNOWN_OUTCOME',
      resolutions: ['retry', 'done', 'undone', 'forward', 'abandon'],
    });
    plan.set('verify', () => ({ kind: 'not-done' }));
    await resolve(task, 'retry');
    expect(await engine.ended(saga.sagaId)).toMatchObject({ status: 'COMPENSATED' });
    expect(acts).toEqual(['undo A as :A:undo']);
  });
});

test('a step in doubt that is found to be done is not asked about: its output is known, and it can be sent forward', async () => {
  plan.set('B', fails('no answer')).set('verify', () => ({ kind: 'unknown' }));
  const { saga, task } = await parked('ASKED');
  plan.set('verify', () => ({ kind: 'done', output: { refund: 'r7' } }));
  await resolve(task, 'retry');
  const again = await engine.until(saga.sagaId, ({ status, tasks }) => status === 'FAILED' && tasks.length === 2);
  const asked = again.tasks.at(-1);
  expect(asked).toMatchObject({ kind: 'MANUAL_COMPENSATION', resolutions: ['undone', 'forward', 'abandon'] });
  expect(asked?.known[0]).toMatch(/^B was recorded as done at /);
  expect(asked?.effects.forward).toBe('Keeps everything that was done: the saga is COMPLETED.');
  if (asked) await resolve(asked, 'forward');
  const ended = await engine.ended(saga.sagaId);
  expect(ended).toMatchObject({ status: 'COMPLETED', state: { refund: 'r7' }, error: null });
  expect(statuses(ended)).toEqual(['DONE', 'DONE']);
});

describe('abandon', () => {
  test('ends the saga as it stands, and frees its subject', async () => {
    const { saga, task } = await parkedByHand();
    const resolved = await resolve(task, 'abandon');
    expect(resolved).toMatchObject({ status: 'resolved', resolution: 'abandon', reason: 'looked it up' });
    const ended = await engine.runner.get(saga.sagaId);
    expect(ended).toMatchObject({ status: 'ABANDONED', error: 'no C' });
    expect(ended.completedAt).not.toBeNull();
    expect(statuses(ended)).toEqual(['DONE', 'COMPENSATION_FAILED', 'FAILED']);
    expect(acts).toEqual([]);
    await expect(engine.runner.cancel(saga.sagaId, by)).rejects.toMatchObject({ code: 'WRONG_STATE' });
    expect((await engine.runner.metrics()).failed).toBeGreaterThan(0);
  });
});

describe('two operators at once', () => {
  test.each([
    ['undone', 'forward'],
    ['forward', 'forward'],
    ['done', 'undone'],
    ['abandon', 'done'],
  ] as const)('%s and %s: one wins, the other is told', async (first, second) => {
    const { saga, task } = await parkedInDoubt();
    plan.delete('B');
    const attempt = (resolution: Resolution, actor: string) =>
      engine.runner.resolve(task.id, resolution, {
        actor,
        reason: 'me first',
        ...(resolution === 'done' ? { output: {} } : {}),
      });
    const results = await Promise.allSettled([attempt(first, 'ada'), attempt(second, 'bob')]);
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost).toMatchObject([
      { reason: { code: 'WRONG_STATE', message: expect.stringMatching(/was resolved as \w+ by (ada|bob)$/) } },
    ]);
    await engine.until(
      saga.sagaId,
      ({ status }) => status !== 'FAILED' && status !== 'COMPENSATING' && status !== 'RUNNING',
    );
    const { items } = await engine.runner.audit({ sagaId: saga.sagaId, action: 'resolve' });
    expect(items).toMatchObject([{ taskId: task.id, step: 'B', reason: 'me first' }]);
  });
});

describe('groups', () => {
  test('tasks of one cause are a group, whatever their numbers; it is retried in the background, with progress', async () => {
    let request = 0;
    plan.set('C', fails('no C')).set('undo B', () => fails(`gateway ${(request += 1)} is down`)());
    const parkings = [await parked('AUTO'), await parked('AUTO'), await parked('AUTO')];
    const [one] = parkings;
    if (!one) throw new Error('none');
    const { fingerprint } = one.task;
    const ours = async () => (await engine.runner.taskGroups()).find((group) => group.fingerprint === fingerprint);
    expect(await ours()).toMatchObject({
      type: 'AUTO',
      step: 'B',
      kind: 'COMPENSATION_FAILED',
      pattern: 'gateway … is down',
      count: 3,
      retryable: true,
      retry: null,
    });
    plan.delete('undo B');
    await engine.runner.resolve(one.task.id, 'undone', by);
    const retry = await engine.runner.retryGroup(fingerprint, { actor: 'ada', reason: 'it is up again' });
    expect(retry).toMatchObject({ total: 2, status: 'running', actor: 'ada' });
    await eventually(async () => (await engine.runner.groupRetry(retry.id)).status === 'finished');
    expect(await engine.runner.groupRetry(retry.id)).toMatchObject({ retried: 2, skipped: 0 });
    for (const { saga } of parkings)
      expect(await engine.until(saga.sagaId, ({ status }) => status === 'COMPENSATED')).toBeTruthy();
    expect(await ours()).toBeUndefined();
    const { items } = await engine.runner.audit({ actor: 'ada', action: 'retry-group' });
    expect(items[0]).toMatchObject({ reason: 'it is up again', detail: `${fingerprint}: 2 tasks` });
  });

  test('what fails again is a new task, and no part of the retry', async () => {
    plan.set('C', fails('no C')).set('undo B', fails('still down'));
    const { saga, task } = await parked('AUTO');
    const retry = await engine.runner.retryGroup(task.fingerprint, by);
    await expect(engine.runner.retryGroup(task.fingerprint, by)).rejects.toMatchObject({
      code: expect.stringMatching(/WRONG_STATE|UNKNOWN_GROUP/),
    });
    await eventually(async () => (await engine.runner.groupRetry(retry.id)).status === 'finished');
    const again = await engine.until(saga.sagaId, ({ status, tasks }) => status === 'FAILED' && tasks.length === 2);
    expect(again.tasks.map(({ status }) => status)).toEqual(['resolved', 'open']);
    expect(again.tasks.at(-1)?.fingerprint).toBe(task.fingerprint);
  });

  test('what cannot be retried is passed over, and counted', async () => {
    const { task } = await parkedByHand();
    const retry = await engine.runner.retryGroup(task.fingerprint, by);
    await eventually(async () => (await engine.runner.groupRetry(retry.id)).status === 'finished');
    const { total, retried, skipped } = await engine.runner.groupRetry(retry.id);
    expect({ retried, skipped }).toEqual({ retried: 0, skipped: total });
    expect((await engine.runner.task(task.id)).status).toBe('open');
  });

  test('a group that nobody knows is refused', async () => {
    await expect(engine.runner.retryGroup('0000000000000000', by)).rejects.toMatchObject({ code: 'UNKNOWN_GROUP' });
    await expect(engine.runner.groupRetry('999999')).rejects.toMatchObject({ code: 'UNKNOWN_GROUP' });
  });
});

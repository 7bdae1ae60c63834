import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga, manual } from '../../src/index.ts';
import { deleteSagas } from '../../src/store/upkeep/cleanup.ts';
import type { SagaView, TaskView } from '../../src/store/views.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

/** What the steps did, in order; what fails; and what holds the rescue. */
const acts: string[] = [];
const failing = new Set<string>();
let held = Promise.resolve();
let release = () => undefined as void;

const act = (name: string) => async () => {
  acts.push(name);
  if (failing.has(name)) throw new Error(`no ${name}`);
};
const fast = { backoffMs: 5, attempts: 2 };
const input = z.object({ order: z.string() });
const credit = z.object({ order: z.string(), key: z.string(), because: z.string() });

const sagas = [
  defineSaga('BUY', {
    input,
    rescue: {
      type: 'CREDIT',
      input: ({ step, input: { order }, undoKey, error }) =>
        order === 'broken' ? { nonsense: step } : step === 'PAY' ? { order, key: undoKey, because: error } : undefined,
    },
  })
    .step('BOOK', { ...fast, execute: act('BOOK'), compensate: act('undo BOOK') })
    .step('PAY', { ...fast, execute: act('PAY'), compensate: act('undo PAY') })
    .step('SEND', { ...fast, execute: act('SEND'), compensate: NOTHING_TO_UNDO }),
  defineSaga('CREDIT', { input: credit })
    .step('GIVE', {
      ...fast,
      execute: async () => {
        await held;
        await act('GIVE')();
      },
      compensate: act('take back'),
    })
    .step('TELL', { ...fast, execute: act('TELL'), compensate: manual('say that it was a mistake') }),
];

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => sagas);
});
afterAll(() => engine.close());
beforeEach(() => {
  acts.length = 0;
  failing.clear();
  ['SEND', 'undo PAY'].forEach((name) => failing.add(name));
  release();
  held = Promise.resolve();
});

const by = { actor: 'ada', reason: 'looked it up' };
const hold = () => {
  held = new Promise((resolve) => (release = resolve));
};
const events = (saga: SagaView) => saga.log.map(({ event, step }) => `${event} ${step ?? ''}`.trim());

async function parked(order = '17'): Promise<{ saga: SagaView; task: TaskView; rescue: string }> {
  const { sagaId } = await engine.runner.start('BUY', { order });
  const saga = await engine.until(sagaId, ({ status }) => status === 'FAILED');
  const [task] = saga.tasks;
  if (!task) throw new Error('no task');
  return { saga, task, rescue: task.rescue?.sagaId ?? '' };
}

describe('when a compensation fails for good, the saga that its definition names', () => {
  test('does it in another way: the step counts as undone, and the saga is undone to its end', async () => {
    const { sagaId } = await engine.runner.start('BUY', { order: '17' });
    const saga = await engine.until(sagaId, ({ status }) => status === 'COMPENSATED');
    expect(acts).toEqual(['BOOK', 'PAY', 'SEND', 'SEND', 'undo PAY', 'undo PAY', 'GIVE', 'TELL', 'undo BOOK']);
    expect(events(saga)).toEqual(expect.arrayContaining(['rescue started PAY', 'undone by rescue PAY']));
    const [task] = saga.tasks;
    expect(task).toMatchObject({ status: 'resolved', resolution: 'undone', resolvedBy: 'rescue' });
    const rescue = await engine.runner.get(task?.rescue?.sagaId ?? '');
    expect(rescue).toMatchObject({
      type: 'CREDIT',
      status: 'COMPLETED',
      input: { order: '17', key: `${sagaId}:PAY:undo`, because: 'no undo PAY' },
    });
    const { items } = await engine.runner.audit({ sagaId, action: 'rescue' });
    expect(items).toMatchObject([{ actor: 'rescue', step: 'PAY', detail: 'undone' }]);
  });

  test('has the task while it has not ended: nobody else does what it does', async () => {
    hold();
    const { saga, task, rescue } = await parked();
    expect(task.resolutions).toEqual([]);
    expect(task.known.join(' ')).toContain(`Saga ${rescue}, its rescue, has not ended.`);
    for (const resolution of ['retry', 'undone', 'abandon'] as const)
      await expect(engine.runner.resolve(task.id, resolution, by)).rejects.toMatchObject({
        code: 'RESOLUTION_NOT_ALLOWED',
      });
    await expect(engine.runner.retryCompensation(saga.sagaId, 'PAY', by)).rejects.toMatchObject({
      code: 'RESOLUTION_NOT_ALLOWED',
    });
    failing.delete('undo PAY');
    await retryInQueue(saga.sagaId);
    release();
    await engine.until(saga.sagaId, ({ status }) => status === 'COMPENSATED');
    expect(acts.filter((name) => name === 'undo PAY')).toHaveLength(2);
  });

  test('that is undone itself leaves the task to a person, and is not started again', async () => {
    failing.add('GIVE');
    const { saga, task, rescue } = await parked();
    await engine.until(rescue, ({ status }) => status === 'COMPENSATED');
    const open = await engine.runner.task(task.id);
    expect(open.resolutions).toEqual(['retry', 'undone', 'abandon']);
    expect(open.known.join(' ')).toContain(`Saga ${rescue}, its rescue, was undone`);

    await engine.runner.resolve(task.id, 'retry', by);
    const again = await engine.until(saga.sagaId, ({ tasks }) => tasks.filter(isOpen).some(({ id }) => id !== task.id));
    expect(again.tasks.find(isOpen)).toMatchObject({ rescue: null, resolutions: ['retry', 'undone', 'abandon'] });
    expect(events(again)).toContain('rescue not started PAY');

    failing.delete('undo PAY');
    await engine.runner.retryCompensation(saga.sagaId, 'PAY', by);
    await engine.until(saga.sagaId, ({ status }) => status === 'COMPENSATED');
  });

  test('that is parked itself comes first', async () => {
    failing.add('TELL').add('take back');
    const { task, rescue } = await parked();
    const stuck = await engine.until(rescue, ({ status }) => status === 'FAILED');
    expect((await engine.runner.task(task.id)).resolutions).toEqual([]);
    await engine.runner.resolve(stuck.tasks.find(isOpen)?.id ?? '', 'abandon', by);
    expect((await engine.runner.task(task.id)).resolutions).toEqual(['retry', 'undone', 'abandon']);
  });

  test('is not started where its input is none, or where it has no remedy: a person decides', async () => {
    const { saga, task } = await parked('broken');
    expect(task).toMatchObject({ rescue: null, resolutions: ['retry', 'undone', 'abandon'] });
    const entry = saga.log.find(({ event }) => event === 'rescue not started');
    expect(entry?.message).toMatch(/^Input of CREDIT is invalid/);

    failing.delete('undo PAY');
    failing.add('undo BOOK');
    const other = await parked();
    expect(other.task).toMatchObject({ step: 'BOOK', rescue: null });
    expect(events(other.saga)).not.toContain('rescue not started BOOK');
  });

  test('is kept as long as its task is open', async () => {
    hold();
    const { saga, task, rescue } = await parked();
    await engine.sql.query(
      `UPDATE saga_state SET status = 'CANCELLED', completed_at = now() - interval '1 year' WHERE saga_id = $1`,
      [rescue],
    );
    await engine.sql.query(deleteSagas(100), [1_000]);
    expect((await engine.runner.task(task.id)).rescue).toEqual({ sagaId: rescue, status: 'CANCELLED' });
    await engine.runner.resolve(task.id, 'abandon', by);
    await engine.until(saga.sagaId, ({ status }) => status === 'ABANDONED');
  });
});

const isOpen = ({ status }: TaskView) => status === 'open';

/** What an operator does in Bull Board. */
async function retryInQueue(sagaId: string): Promise<void> {
  for (const queue of engine.runner.queues.list())
    for (const job of await queue.getFailed())
      if ((job.data as { sagaId?: string }).sagaId === sagaId && job.id?.endsWith('.undo')) await job.retry();
}

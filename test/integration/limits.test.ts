import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from 'bullmq';
import { z } from 'zod';
import type { Limits } from '../../src/index.ts';
import { NOTHING_TO_UNDO, TerminalError, defineSaga } from '../../src/index.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { createMeter, worstSecond } from '../support/meter.ts';

// Each test has two runners on the same queues, as two processes would have.

const STEP_MS = 30;
const doing = createMeter();
const undoing = createMeter();
const input = z.object({ refused: z.boolean().default(false) });

const limited = (type: string, limits: Limits) =>
  defineSaga(type, { input }).step('CALL', {
    limits,
    execute: () => doing.run(STEP_MS),
    compensate: NOTHING_TO_UNDO,
  });

const twoAtOnce = limited('TWO_AT_ONCE', { concurrency: 2 });
const fourASecond = limited('FOUR_A_SECOND', { perSecond: 4 });

const undone = defineSaga('UNDONE', { input })
  .step('CALL', {
    limits: { concurrency: 2 },
    execute: () => doing.runInCompany(STEP_MS),
    compensate: () => undoing.runInCompany(STEP_MS),
  })
  .step('REFUSE', {
    execute: () => {
      throw new TerminalError('no');
    },
    compensate: NOTHING_TO_UNDO,
  });

const ofType = defineSaga('OF_TYPE', { input, limits: { concurrency: 2 } })
  .step('FIRST', { execute: () => doing.run(STEP_MS), compensate: NOTHING_TO_UNDO })
  .step('OWN', { limits: { concurrency: 5 }, execute: () => undoing.run(STEP_MS), compensate: NOTHING_TO_UNDO })
  .step('LAST', { execute: () => doing.run(STEP_MS), compensate: NOTHING_TO_UNDO });

/** Holds the one slot of its lane until it is let go. */
let letGo: () => void = () => undefined;
let held = Promise.resolve();
const narrow = (type: string, timeoutMs: number) =>
  defineSaga(type, { input, timeoutMs })
    .step('FIRST', { execute: () => undefined, compensate: () => undoing.run(0) })
    .step('CHECK', {
      execute: ({ input: { refused } }) => {
        if (refused) throw new TerminalError('refused');
      },
      compensate: NOTHING_TO_UNDO,
    })
    .step('NARROW', {
      limits: { concurrency: 1 },
      timeoutMs: 60_000,
      execute: () => held,
      compensate: NOTHING_TO_UNDO,
    });

const answered = defineSaga('ANSWERED', { input, limits: { concurrency: 1 } }).wait('ANSWER', {
  request: () => undefined,
  signal: z.object({}),
  compensate: NOTHING_TO_UNDO,
});

const sagas = [
  twoAtOnce,
  fourASecond,
  undone,
  ofType,
  narrow('NARROW', 60_000),
  narrow('NARROW_BRIEF', 2_000),
  answered,
];

const start = async (engine: Engine, type: string, count: number, request = {}) =>
  Promise.all(Array.from({ length: count }, async () => (await engine.runner.start(type, request)).sagaId));

const endings = async (engine: Engine, ids: readonly string[]) => {
  const ended = await Promise.all(ids.map((sagaId) => engine.ended(sagaId, 50_000)));
  return {
    statuses: [...new Set(ended.map(({ status }) => status))],
    attempts: [...new Set(ended.flatMap(({ steps }) => steps.map(({ attempts }) => attempts)))],
    retries: [...new Set(ended.map(({ retryCount }) => retryCount))],
  };
};
const COMPLETED_AT_ONCE = { statuses: ['COMPLETED'], attempts: [1], retries: [0] };

const jobsOf = async (engine: Engine, queueName: string) => {
  const queue = engine.runner.queues.list().find(({ name }) => name === queueName);
  return ((await queue?.getJobs(['completed', 'failed'])) ?? []) as Job[];
};

beforeEach(() => {
  doing.reset();
  undoing.reset();
});

describe.each(['redis', 'postgres'] as const)('queues in %s', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine(() => sagas, { backend });
    await engine.another().work();
  });
  afterAll(() => engine.close());

  test('a step runs as often at the same time as its limit says, over all processes', async () => {
    const ids = await start(engine, 'TWO_AT_ONCE', 30);
    expect(await endings(engine, ids)).toEqual(COMPLETED_AT_ONCE);
    expect([doing.most(), doing.begun()]).toEqual([2, 30]);
    const workers = (await jobsOf(engine, 'saga-steps.TWO_AT_ONCE.CALL')).map(({ processedBy }) => processedBy);
    expect(new Set(workers).size).toBe(2);
  });

  test('in no second more runs begin than the limit says; the others wait, and are not taken for lost', async () => {
    const ids = await start(engine, 'FOUR_A_SECOND', 28);
    expect(await endings(engine, ids)).toEqual(COMPLETED_AT_ONCE);
    const jobs = await jobsOf(engine, 'saga-steps.FOUR_A_SECOND.CALL');
    // Of the first generation all: no flow was rebuilt.
    expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(ids.map((sagaId) => `${sagaId}.g1.CALL`)));
    // The times are the workers', a little before the queue let the job through: one may be late by that.
    expect(worstSecond(jobs.map(({ processedOn }) => processedOn ?? 0))).toBeLessThanOrEqual(4 + 1);
  });

  test('compensations have the same limit, counted apart', async () => {
    const ids = await start(engine, 'UNDONE', 12);
    expect((await endings(engine, ids)).statuses).toEqual(['COMPENSATED']);
    expect([undoing.most(), undoing.begun()]).toEqual([2, 12]);
    expect(doing.most()).toBe(2);
  });
});

describe('queues in redis', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine(() => sagas);
    await engine.another().work();
  });
  afterAll(() => engine.close());
  beforeEach(() => {
    held = new Promise((resolve) => {
      letGo = resolve;
    });
  });

  test("a saga's limits are shared by its steps, but for those that have their own", async () => {
    const ids = await start(engine, 'OF_TYPE', 20);
    expect(await endings(engine, ids)).toEqual(COMPLETED_AT_ONCE);
    expect([doing.most(), doing.begun()]).toEqual([2, 40]);
    expect(undoing.most()).toBeLessThanOrEqual(5);
  });

  /** One saga of the type in the lane's only slot, and another that waits for it. */
  const holdSlot = async (type: string) => {
    const [holder = ''] = await start(engine, type, 1);
    await engine.until(holder, ({ currentStep }) => currentStep === 'NARROW');
    const lane = engine.runner.queues.list().find(({ name }) => name === `saga-steps.${type}.NARROW`);
    await eventually(async () => (await lane?.getActiveCount()) === 1);
    return holder;
  };

  test('a saga past its deadline turns back while its job waits for a slot', async () => {
    const holder = await holdSlot('NARROW_BRIEF');
    const [waiting = ''] = await start(engine, 'NARROW_BRIEF', 1);
    expect((await engine.ended(waiting)).status).toBe('TIMEOUT');
    letGo();
    await engine.ended(holder);
    expect((await engine.runner.get(waiting)).steps.find(({ name }) => name === 'NARROW')?.attempts).toBe(0);
  });

  test('a saga that turns back is undone at once, however long the lanes ahead are', async () => {
    const holder = await holdSlot('NARROW');
    const [refused = ''] = await start(engine, 'NARROW', 1, { refused: true });
    expect((await engine.ended(refused)).status).toBe('COMPENSATED');
    expect((await engine.runner.get(holder)).status).toBe('RUNNING');
    letGo();
    expect((await engine.ended(holder)).status).toBe('COMPLETED');
  });

  test('a waiting step that sleeps takes no slot, and its answer wakes it', async () => {
    const ids = await start(engine, 'ANSWERED', 3);
    for (const id of ids) await engine.until(id, ({ waitUntil }) => waitUntil !== null);
    await Promise.all(ids.map((id) => engine.runner.signal(id, 'ANSWER', {})));
    expect((await endings(engine, ids)).statuses).toEqual(['COMPLETED']);
  });
});

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { FlowStep } from '../../src/store/journal/ahead.ts';
import { createAhead } from '../../src/store/journal/ahead.ts';
import type { Grant } from '../../src/store/entries.ts';

const step: FlowStep = { sagaId: 'four-1', generation: 1, stepIndex: 1 };
const grant: Grant = {
  kind: 'granted',
  input: {},
  state: { a: 1 },
  attempt: 1,
  checkIn: 1,
  unanswered: false,
  lost: 0,
  waiting: false,
  timeLeftMs: 10_000,
  startedAtMs: 1_000_000,
};

let withdrawn: FlowStep[];
const withdraw = (steps: readonly FlowStep[]) => {
  withdrawn.push(...steps);
  return Promise.resolve();
};
beforeEach(() => {
  withdrawn = [];
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('a leave is given once, to its own step, as old as it is', () => {
  const ahead = createAhead(withdraw);
  ahead.keep(step, grant, performance.now());
  jest.advanceTimersByTime(40);
  expect(ahead.take({ ...step, generation: 2 })).toEqual({ kind: 'none' });
  expect(ahead.take({ ...step, stepIndex: 2 })).toEqual({ kind: 'none' });
  expect(ahead.take(step)).toEqual({ ...grant, timeLeftMs: 9_960, startedAtMs: 1_000_040 });
  expect(ahead.take(step)).toEqual({ kind: 'none' });
  jest.advanceTimersByTime(10_000);
  expect(withdrawn).toEqual([]);
});

test('the saga has the time that it had when the answer came, not less', () => {
  const ahead = createAhead(withdraw);
  ahead.keep(step, grant, performance.now() - 70);
  jest.advanceTimersByTime(20);
  expect(ahead.take(step)).toMatchObject({ timeLeftMs: 9_980, startedAtMs: 1_000_020 });
});

test('an old leave is not used: the saga may have been undone since', () => {
  const ahead = createAhead(withdraw);
  ahead.keep(step, grant, performance.now() - 60);
  jest.advanceTimersByTime(50);
  expect(ahead.take(step)).toEqual({ kind: 'unused' });
});

test('a leave whose job does not come is withdrawn', () => {
  const ahead = createAhead(withdraw);
  ahead.keep(step, grant, performance.now());
  jest.advanceTimersByTime(1_000);
  expect(withdrawn).toEqual([step]);
  expect(ahead.take(step)).toEqual({ kind: 'none' });
});

test('a process that takes no jobs any more withdraws what it has, and what it is still answered', async () => {
  const ahead = createAhead(withdraw);
  ahead.keep(step, grant, performance.now());
  await ahead.settle();
  expect([ahead.isOpen(), withdrawn]).toEqual([false, [step]]);
  const late = { ...step, stepIndex: 3 };
  ahead.keep(late, grant, performance.now());
  expect(withdrawn).toEqual([step, late]);
  expect(ahead.take(late)).toEqual({ kind: 'none' });
});

test('a withdrawal that fails leaves the step in doubt, and harms nothing else', async () => {
  const ahead = createAhead(() => Promise.reject(new Error('PostgreSQL is away')));
  ahead.keep(step, grant, performance.now());
  await ahead.settle();
  expect(ahead.take(step)).toEqual({ kind: 'none' });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Outlook } from '../../src/core/next.ts';
import { nextOf } from '../../src/core/next.ts';
import type { SagaRecord, StepRecord } from '../../src/core/record.ts';
import type { SagaStatus, StepStatus } from '../../src/core/status.ts';
import { SAGA_STATUSES } from '../../src/core/status.ts';

const AT = new Date('2026-01-02T03:04:05.000Z');
const LATER = new Date('2026-01-02T04:00:00.000Z');

const step = (name: string, status: StepStatus, undo: StepRecord['undo'] = 'auto'): StepRecord => ({
  name,
  status,
  undo,
  wasDone: status !== 'PENDING',
});

const record = (status: SagaStatus, steps: readonly StepRecord[], more: Partial<SagaRecord> = {}): SagaRecord => ({
  sagaId: 'buy-1',
  type: 'BUY',
  status,
  ending: null,
  generation: 1,
  onCompensationFailure: 'stop',
  steps,
  ...more,
});

const next = (saga: SagaRecord, more: Partial<Outlook> = {}) =>
  nextOf({
    record: saga,
    openTasks: [],
    failedAttempts: 0,
    maxAttempts: 3,
    retryAt: null,
    waitUntil: null,
    timeoutAt: null,
    failedUndos: new Map(),
    ...more,
  });

describe('a running saga', () => {
  const running = record('RUNNING', [step('ORDER', 'DONE'), step('PAY', 'PENDING'), step('SHIP', 'PENDING')]);

  test.each<[Partial<Outlook>, string]>([
    [{}, 'PAY runs, step 2 of 3.'],
    [
      { timeoutAt: LATER },
      `PAY runs, step 2 of 3; if the saga has not completed by ${LATER.toISOString()}, it is undone.`,
    ],
    [{ waitUntil: AT }, `PAY waits for its answer until ${AT.toISOString()}.`],
    [{ failedAttempts: 1, retryAt: AT }, `PAY is tried again, attempt 2 of 3, at about ${AT.toISOString()}.`],
    [{ failedAttempts: 2 }, 'PAY is tried again, attempt 3 of 3.'],
    [{ failedAttempts: 2, maxAttempts: null }, 'PAY is tried again, attempt 3.'],
  ])('%j', (more, sentence) => {
    expect(next(running, more)).toBe(sentence);
  });

  test('with nothing left to do', () => {
    expect(next(record('RUNNING', [step('PAY', 'DONE')]))).toBe('It completes.');
  });
});

describe('a saga that is undone', () => {
  const steps = [
    step('ORDER', 'DONE'),
    step('PAY', 'UNKNOWN'),
    step('TELL', 'DONE', 'nothing'),
    step('SHIP', 'FAILED'),
  ];

  test('names the steps in their order, and its end', () => {
    expect(next(record('COMPENSATING', steps, { ending: 'TIMEOUT' }))).toBe(
      'PAY is undone, then ORDER; then the saga ends as TIMEOUT.',
    );
  });

  test('tells that an undo has failed before', () => {
    expect(next(record('COMPENSATING', steps), { failedUndos: new Map([['PAY', 1]]) })).toMatch(
      /^PAY is undone, tried again after 1 failed attempt, then ORDER/,
    );
  });

  test('tells that a person has to undo a step', () => {
    expect(next(record('COMPENSATING', [step('PAY', 'DONE', 'manual')]))).toBe(
      'PAY is given to a person to undo; then the saga ends as COMPENSATED.',
    );
  });

  test('promises no end while a step could not be undone', () => {
    const owing = [step('A', 'DONE'), step('B', 'COMPENSATION_FAILED')];
    expect(next(record('COMPENSATING', owing, { onCompensationFailure: 'continue' }))).toBe('A is undone.');
  });

  test('with nothing left to undo', () => {
    expect(next(record('COMPENSATING', [step('A', 'FAILED')], { ending: 'CANCELLED' }))).toBe('It ends as CANCELLED.');
  });
});

describe('a parked saga', () => {
  const saga = record('FAILED', [step('A', 'DONE'), step('B', 'DONE'), step('C', 'COMPENSATION_FAILED')]);

  test('names its tasks, and what is still to be undone', () => {
    const openTasks = [
      { id: '7', step: 'C', kind: 'COMPENSATION_FAILED' },
      { id: '9', step: 'D', kind: 'SOMETHING_NEW' },
    ];
    expect(next(saga, { openTasks })).toBe(
      'It waits for a person: C could not be undone (task 7), D needs a decision (task 9); B and A are still to be undone.',
    );
  });

  test('without a task names what is owed', () => {
    expect(next(saga)).toBe('It waits for a person to undo C; B and A are still to be undone.');
  });
});

describe('a saga that has ended', () => {
  test.each<[string, string]>([
    ['COMPLETED', 'Nothing: it has completed.'],
    ['COMPENSATED', 'Nothing: a step failed, and what was done is undone.'],
    ['TIMEOUT', 'Nothing: its deadline passed, and what was done is undone.'],
    ['CANCELLED', 'Nothing: it was cancelled, and what was done is undone.'],
    ['ABANDONED', 'Nothing: a person gave it up as it stands.'],
  ])('%s', (status, sentence) => {
    expect(next(record(status as SagaStatus, [step('A', 'DONE')]))).toBe(sentence);
  });

  test('may leave a task to a person', () => {
    const openTasks = [{ id: '3', step: 'PAY', kind: 'LATE_RESULT' }];
    expect(next(record('COMPENSATED', [step('PAY', 'COMPENSATED')]), { openTasks })).toBe(
      'Nothing: a step failed, and what was done is undone; a person still has to look: PAY came back late (task 3).',
    );
  });
});

test('whatever is written of a saga, there is one sentence', () => {
  const statuses = ['PENDING', 'DONE', 'FAILED', 'UNKNOWN', 'COMPENSATED', 'COMPENSATION_FAILED', 'SKIPPED'] as const;
  const anyStep = fc.record({
    name: fc.constantFrom('A', 'B', 'C'),
    status: fc.constantFrom<StepStatus>(...statuses),
    undo: fc.constantFrom<StepRecord['undo']>('auto', 'manual', 'nothing'),
    wasDone: fc.boolean(),
  });
  const anyTime = fc.constantFrom(null, AT);
  const anyOutlook = fc.record({
    record: fc.record({
      sagaId: fc.constant('buy-1'),
      type: fc.constant('BUY'),
      status: fc.constantFrom(...SAGA_STATUSES),
      ending: fc.constantFrom(null, 'COMPENSATED' as const, 'TIMEOUT' as const, 'CANCELLED' as const),
      generation: fc.constant(1),
      onCompensationFailure: fc.constantFrom('stop' as const, 'continue' as const),
      steps: fc.array(anyStep, { maxLength: 4 }),
    }),
    openTasks: fc.array(fc.constant({ id: '1', step: 'A', kind: 'MANUAL_COMPENSATION' }), { maxLength: 2 }),
    failedAttempts: fc.nat(3),
    maxAttempts: fc.constantFrom(null, 3),
    retryAt: anyTime,
    waitUntil: anyTime,
    timeoutAt: anyTime,
    failedUndos: fc.constantFrom(new Map(), new Map([['A', 2]])),
  });
  fc.assert(
    fc.property(anyOutlook, (outlook) => {
      const sentence = nextOf(outlook);
      expect(sentence).toMatch(/^[A-Z].*[^.]\.$/);
      expect(sentence).not.toMatch(/undefined|null|NaN|\n/);
    }),
    { numRuns: 2_000 },
  );
});

import { expect, test } from '@jest/globals';
import { defineSaga } from '../../src/core/define.ts';
import type { StepDefinition } from '../../src/core/definition.ts';
import { NOTHING_TO_UNDO } from '../../src/core/definition.ts';
import { NoAnswerError, OutputError, PoisonError, TerminalError, WaitTimeoutError } from '../../src/core/errors.ts';
import { judge } from '../../src/core/judge.ts';
import { z } from 'zod';

const base = defineSaga('TEST', { input: z.object({}) });
const only = (definition: { readonly steps: readonly StepDefinition[] }): StepDefinition => {
  const [step] = definition.steps;
  if (!step) throw new Error('no step');
  return step;
};
const step = only(base.step('A', { execute: () => undefined, compensate: NOTHING_TO_UNDO }));
const doubtful = only(base.step('A', { execute: () => undefined, compensate: NOTHING_TO_UNDO, onError: 'unknown' }));
const verified = only(
  base.step('A', { execute: () => ({}), compensate: NOTHING_TO_UNDO, verify: () => ({ kind: 'unknown' }) }),
);
const transaction = only(base.transaction('A', { execute: () => undefined, compensate: NOTHING_TO_UNDO }));
const wait = (onTimeout: 'failed' | 'unknown') =>
  only(base.wait('A', { request: () => undefined, signal: z.object({}), onTimeout, compensate: NOTHING_TO_UNDO }));

const answered = { attempt: 3, unanswered: false };

test('attempts are retried after 1 s and 2 s', () => {
  expect([1, 2].map((attempt) => judge(step, new Error('x'), { attempt, unanswered: false }))).toEqual([
    { kind: 'retry', delayMs: 1_000, cleared: true },
    { kind: 'retry', delayMs: 2_000, cleared: true },
  ]);
});

test('a terminal error is not retried, and proves that nothing happened', () => {
  expect(judge(verified, new TerminalError('no'), { attempt: 1, unanswered: false })).toEqual({ kind: 'failed' });
});

test('a terminal error of another copy of the library is one', () => {
  const foreign = Object.assign(new Error('no'), { [Symbol.for('backstep.TerminalError')]: true });
  expect(judge(step, foreign, { attempt: 1, unanswered: false })).toEqual({ kind: 'failed' });
});

test('the last error means failed, unless the step says unknown', () => {
  expect(judge(step, new Error('x'), answered)).toEqual({ kind: 'failed' });
  expect(judge(doubtful, new Error('x'), answered)).toEqual({ kind: 'unknown' });
});

test('a step that can be verified is asked about before a verdict', () => {
  expect(judge(verified, new Error('x'), answered)).toEqual({ kind: 'verify' });
});

test('an attempt without an answer, be it an earlier one, leaves the step unknown', () => {
  expect(judge(step, new NoAnswerError('late'), answered)).toEqual({ kind: 'unknown' });
  expect(judge(step, new Error('refused'), { attempt: 3, unanswered: true })).toEqual({ kind: 'unknown' });
});

test('an output that cannot be recorded is not retried, and the effect is not forgotten', () => {
  expect(judge(step, new OutputError('too large'), { attempt: 1, unanswered: false })).toEqual({ kind: 'unknown' });
});

test('a step that never answers is not run again, and is unknown unless it can be verified', () => {
  const poison = new PoisonError('never answered');
  expect(judge(step, poison, { attempt: 1, unanswered: true })).toEqual({ kind: 'unknown' });
  expect(judge(verified, poison, { attempt: 1, unanswered: true })).toEqual({ kind: 'verify' });
  expect(judge(transaction, poison, { attempt: 1, unanswered: true })).toEqual({ kind: 'failed' });
});

test('a transaction that failed did nothing, whatever it threw', () => {
  for (const error of [new Error('x'), new NoAnswerError('late'), new OutputError('no JSON')])
    expect(judge(transaction, error, { attempt: 3, unanswered: true })).toEqual({ kind: 'failed' });
});

test('a wait that timed out is judged by its own choice', () => {
  const timeout = new WaitTimeoutError('no answer');
  expect(judge(wait('failed'), timeout, { attempt: 1, unanswered: true })).toEqual({ kind: 'failed' });
  expect(judge(wait('unknown'), timeout, { attempt: 1, unanswered: true })).toEqual({ kind: 'unknown' });
});

test('a request that was rolled back is failed; an answer that could not be taken is unknown', () => {
  expect(judge(wait('failed'), new Error('x'), answered)).toEqual({ kind: 'failed' });
  expect(judge(wait('failed'), new Error('x'), { attempt: 3, unanswered: true })).toEqual({ kind: 'unknown' });
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf, patternOf } from '../../src/core/task.ts';

test.each([
  ['Payment pay_0001 was 12.50, got 13', 'Payment … was …, got …'],
  ['no answer from 2f1c6b1e-7f0c-4a57-9d1e-0a3cf3f7a001 in 30000 ms', 'no answer from … in … ms'],
  ['WeChat API timeout', 'WeChat API timeout'],
  ['order ORD20261121-77\n  is gone', 'order … is gone'],
])('the pattern of %j has no numbers and no ids', (message, pattern) => {
  expect(patternOf(message)).toBe(pattern);
});

test('a pattern has no digit, is short, and is its own pattern', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 600 }), (message) => {
      const pattern = patternOf(message);
      expect(pattern).not.toMatch(/[0-9]/);
      expect(pattern.length).toBeLessThanOrEqual(300);
      expect(patternOf(pattern)).toBe(pattern);
    }),
  );
});

test('tasks of another step, type or kind have another fingerprint', () => {
  const task = { type: 'REFUND', step: 'PAY', kind: 'COMPENSATION_FAILED', message: 'gateway 7 is down' } as const;
  const others = [
    { ...task, type: 'BUY' },
    { ...task, step: 'SHIP' },
    { ...task, kind: 'UNKNOWN_OUTCOME' as const },
    { ...task, message: 'gateway is up' },
  ];
  expect(fingerprintOf({ ...task, message: 'gateway 8 is down' })).toBe(fingerprintOf(task));
  expect(new Set([task, ...others].map(fingerprintOf)).size).toBe(5);
  expect(fingerprintOf(task)).toMatch(/^[0-9a-f]{16}$/);
});

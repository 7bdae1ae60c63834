import { expect, test } from '@jest/globals';
import { percentile, spreadOf } from '../../bench/report/statistics.ts';
import { isMet } from '../../bench/report/report.ts';

test('a percentile lies between the two nearest values', () => {
  expect(percentile([4, 1, 3, 2], 50)).toBe(2.5);
  expect(percentile([1, 2, 3], 100)).toBe(3);
  expect(percentile([7], 99)).toBe(7);
});

test('nothing that was not measured meets a goal', () => {
  expect(percentile([], 50)).toBeNaN();
  expect(isMet({ letter: 'b', what: 'p99', value: Number.NaN, atMost: 12 })).toBe(false);
});

test('a spread is the median with the least and the most', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});

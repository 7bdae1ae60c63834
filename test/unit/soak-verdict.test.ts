import { expect, test } from '@jest/globals';
import type { Sample } from '../../bench/soak/sample.ts';
import { growthOf } from '../../bench/soak/verdict.ts';

const MEGABYTE = 2 ** 20;
const steady: Sample = {
  redisBytes: 12 * MEGABYTE,
  workerRss: 240 * MEGABYTE,
  workerHeap: 40 * MEGABYTE,
  starterRss: 200 * MEGABYTE,
  starterHeap: 36 * MEGABYTE,
  rows: 20_000,
  sagasPerSecond: 600,
};
const samples = (at: (index: number) => Partial<Sample>) =>
  Array.from({ length: 20 }, (_, index) => ({ ...steady, ...at(index) }));
const grown = (of: readonly Sample[]) =>
  growthOf(of)
    .filter(({ ratio, allowed }) => ratio > allowed)
    .map(({ what }) => what);

test('what goes up and down is flat, and so is what only begins small', () => {
  expect(grown(samples((index) => ({ rows: 15_000 + 10_000 * (index % 2) })))).toEqual([]);
  expect(grown(samples((index) => ({ rows: 1_000 * index, sagasPerSecond: 30 * index })).slice(1))).toEqual([]);
  expect(grown(samples((index) => (index < 2 ? { redisBytes: MEGABYTE } : {})))).toEqual([]);
});

test('a hundred bytes a saga in a heap, or in Redis, are not', () => {
  const leaked = (index: number) => (index + 1) * 10_000 * 100;
  expect(grown(samples((index) => ({ workerHeap: steady.workerHeap + leaked(index) })))).toEqual(['worker heap']);
  expect(grown(samples((index) => ({ redisBytes: steady.redisBytes + leaked(index) })))).toEqual(['Redis']);
});

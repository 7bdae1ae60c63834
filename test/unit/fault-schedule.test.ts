import { expect, test } from '@jest/globals';
import { FAULT_KINDS } from '../faults/faults/index.ts';
import type { Scheduled } from '../faults/faults/schedule.ts';
import { lineOf, planFaults } from '../faults/faults/schedule.ts';

const plan = (seed: number, durationMs = 45_000) => planFaults({ seed, durationMs, gapMs: 600, kinds: FAULT_KINDS });
const lines = (schedule: readonly Scheduled[]) => schedule.map(lineOf);
const SEEDS = Array.from({ length: 30 }, (_, seed) => seed);

test('the same seed gives the same faults, another seed others', () => {
  expect(lines(plan(7))).toEqual(lines(plan(7)));
  expect(lines(plan(7))).not.toEqual(lines(plan(8)));
});

test('every kind of fault comes up in a run', () => {
  for (const seed of SEEDS) {
    const names = new Set(plan(seed).map(({ fault }) => fault.name));
    expect(FAULT_KINDS.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([]);
  }
});

test('faults are in order and over before the end', () => {
  for (const seed of SEEDS) {
    const schedule = plan(seed, 18_000);
    expect(schedule.length).toBeGreaterThan(15);
    expect(schedule.map(({ atMs }) => atMs)).toEqual(schedule.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    for (const { atMs, fault } of schedule) expect(atMs + fault.forMs).toBeLessThanOrEqual(18_000);
  }
});

test('faults of one lane do not overlap', () => {
  for (const seed of SEEDS) {
    const busyUntil = new Map<string, number>();
    for (const { atMs, fault } of plan(seed))
      for (const lane of fault.lanes) {
        expect(atMs).toBeGreaterThanOrEqual(busyUntil.get(lane) ?? 0);
        busyUntil.set(lane, atMs + fault.forMs);
      }
  }
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Memory, Tick } from '../../src/autoscaling/policy.ts';
import { FRESH, LATE_MS, PROMPT_MS, STABLE_MS, desiredWorkers, scale } from '../../src/autoscaling/policy.ts';
import { simulate, turns, workersOf } from '../support/scaling-simulation.ts';

const bounds = { min: 1, max: 8, slotsPerWorker: 50 };
const idle: Tick = { ...bounds, backlog: 0, active: 0, waiting: 0, oldestReadyMs: 0, workers: 1, atMs: 0 };

/** Ticks one after the other, with the memory of each before. */
function play(ticks: readonly Tick[]): readonly number[] {
  let memory: Memory = FRESH;
  return ticks.map((tick) => {
    const decision = scale(tick, memory);
    memory = decision.memory;
    return decision.workers;
  });
}

describe('one decision', () => {
  test('goes up at once by as many as have a slot for every job that waits', () => {
    const tick = { ...idle, backlog: 210, active: 50, oldestReadyMs: PROMPT_MS };
    expect(scale(tick)).toMatchObject({ workers: 5, reason: 'backlog' });
    expect(scale({ ...tick, backlog: 5_000 })).toMatchObject({ workers: 8, reason: 'backlog' });
  });

  test('lets a moment with more jobs than slots pass', () => {
    const pressed = { ...idle, backlog: 60, active: 50, oldestReadyMs: 20 };
    expect(play([pressed, { ...idle, atMs: 1_000 }])).toEqual([1, 1]);
    expect(play([pressed, { ...pressed, atMs: 1_000 }])).toEqual([1, 2]);
  });

  test('keeps the workers whose slots are all taken, though no job waits', () => {
    const taken = (atMs: number) => ({ ...idle, backlog: 200, active: 200, workers: 4, atMs });
    expect(play([0, 1, 2, 3].map((times) => taken(times * STABLE_MS)))).toEqual([4, 4, 4, 4]);
  });

  test('goes down by one after each time in which one less would have done', () => {
    const quiet = (workers: number, atMs: number) => ({ ...idle, workers, atMs });
    const ticks = [quiet(4, 0), quiet(4, STABLE_MS - 1), quiet(4, STABLE_MS), quiet(3, STABLE_MS + 1)];
    expect(play([...ticks, quiet(3, 2 * STABLE_MS), quiet(2, 3 * STABLE_MS), quiet(1, 4 * STABLE_MS)])).toEqual([
      4, 4, 3, 3, 2, 1, 1,
    ]);
  });

  test('begins to count anew when the load returned for a moment', () => {
    const at = (atMs: number, backlog: number) => ({ ...idle, workers: 2, backlog, active: backlog, atMs });
    expect(play([at(0, 0), at(STABLE_MS - 1, 90), at(STABLE_MS, 0), at(2 * STABLE_MS - 1, 0)])).toEqual([2, 2, 2, 2]);
  });

  test('adds one worker at a time where slots would do and steps are late all the same', () => {
    const late = (workers: number, atMs: number) => ({
      ...idle,
      backlog: 40,
      active: 30,
      waiting: 10,
      oldestReadyMs: LATE_MS,
      workers,
      atMs,
    });
    expect(scale(late(1, 0))).toMatchObject({ workers: 2, reason: 'late' });
    expect(play([late(1, 0), late(2, 1_000), late(2, LATE_MS)])).toEqual([2, 2, 3]);
    // Nobody could take what waits for a limit, nor what is not in the queues: that is the reconciler's to mend.
    expect(scale({ ...late(1, 0), waiting: 0 })).toMatchObject({ workers: 1, reason: 'steady' });
  });

  test('does not take away what was added for late steps while they are late', () => {
    const late = { ...idle, backlog: 40, active: 30, waiting: 10, oldestReadyMs: LATE_MS, workers: 8 };
    expect(play([0, 1, 2, 3].map((times) => ({ ...late, atMs: times * STABLE_MS })))).toEqual([8, 8, 8, 8]);
  });

  test('without a memory it is what a cluster should have', () => {
    expect([0, 1, 50, 51, 399, 400, 401].map((backlog) => desiredWorkers({ ...bounds, backlog }))).toEqual([
      1, 1, 1, 2, 8, 8, 8,
    ]);
  });
});

describe('over a load', () => {
  const base = { ...bounds, stepMs: 2_000, seconds: 600 };

  test('nothing to do: the minimum, and nothing moves', () => {
    const moments = simulate({ ...base, min: 2, arrivals: () => 0 });
    expect(new Set(workersOf(moments))).toEqual(new Set([2]));
  });

  test('a step: up to what it takes and down again, with one turn', () => {
    // 120 jobs a second of 2 s each hold 240 slots.
    const moments = simulate({ ...base, arrivals: (second) => (second >= 60 && second < 360 ? 120 : 0) });
    const held = moments.filter(({ second }) => second > 120 && second < 360);
    expect(Math.min(...workersOf(held))).toBeGreaterThanOrEqual(5);
    expect(Math.max(...held.map(({ oldestReadyMs }) => oldestReadyMs))).toBeLessThan(1_000);
    expect(turns(moments)).toBe(1);
    expect(moments.at(-1)).toMatchObject({ workers: 1 });
    expect(moments.at(-1)?.backlog).toBeLessThan(1);
  });

  test('a load beyond the maximum: the maximum until it is drained', () => {
    const moments = simulate({ ...base, stepMs: 50, arrivals: (second) => (second === 10 ? 100_000 : 0) });
    expect(Math.max(...workersOf(moments))).toBe(8);
    expect(turns(moments)).toBe(1);
    expect(moments.find(({ second, backlog }) => second > 11 && backlog < 1)?.second).toBeLessThan(40);
    expect(moments.at(-1)).toMatchObject({ workers: 1 });
  });

  test('a ramp up and down: no turn but the one at its top', () => {
    const moments = simulate({ ...base, arrivals: (second) => Math.max(0, 150 - Math.abs(second - 250) * 0.75) });
    expect(Math.max(...workersOf(moments))).toBeGreaterThanOrEqual(6);
    expect(turns(moments)).toBe(1);
    expect(moments.at(-1)).toMatchObject({ workers: 1 });
  });

  test('spikes far apart: up once and down once a spike', () => {
    const moments = simulate({ ...base, stepMs: 50, arrivals: (second) => (second % 150 === 20 ? 4_000 : 0) });
    expect(turns(moments)).toBe(7);
    expect(Math.max(...workersOf(moments))).toBe(8);
    expect(moments.filter(({ second }) => second % 150 > 40).every(({ backlog }) => backlog < 1)).toBe(true);
  });

  test('spikes close together: it settles on as many as they take, and stays there', () => {
    const moments = simulate({ ...base, stepMs: 50, arrivals: (second) => (second % 8 === 4 ? 4_000 : 0) });
    expect(turns(moments)).toBeLessThanOrEqual(1);
    expect(new Set(workersOf(moments.slice(120))).size).toBe(1);
  });

  test('spikes that the slots serve at once: nothing moves', () => {
    const moments = simulate({ ...base, stepMs: 50, arrivals: (second) => (second % 3 === 0 ? 900 : 0) });
    expect(new Set(workersOf(moments))).toEqual(new Set([1]));
  });

  test('a sawtooth: it settles on as many as it takes, and stays there', () => {
    const moments = simulate({ ...base, arrivals: (second) => (second % 6) * 25 });
    expect(turns(moments)).toBeLessThanOrEqual(1);
    expect(new Set(workersOf(moments.slice(120))).size).toBe(1);
    expect(Math.max(...moments.slice(60).map(({ oldestReadyMs }) => oldestReadyMs))).toBeLessThan(2_000);
  });

  test.each([24, 25, 26, 49, 50, 51, 99, 100, 101])('%i a second, with noise at the edge of a worker', (rate) => {
    const noise = (second: number) => ((second * 7_919) % 13) / 13 - 0.5;
    const moments = simulate({ ...base, arrivals: (second) => rate * (1 + 0.2 * noise(second)) });
    expect(turns(moments)).toBe(0);
    expect(moments.at(-1)?.oldestReadyMs).toBeLessThan(1_000);
  });
});

describe('whatever comes', () => {
  const number = fc.oneof(fc.integer({ min: -5, max: 20 }), fc.double({ noNaN: true }));
  const anyTick: fc.Arbitrary<Tick> = fc
    .record({
      backlog: number,
      active: number,
      waiting: number,
      oldestReadyMs: number,
      workers: fc.integer({ min: -3, max: 40 }),
      atMs: number,
      min: fc.integer({ min: 1, max: 10 }),
      slotsPerWorker: fc.integer({ min: 1, max: 200 }),
      room: fc.nat(20),
    })
    .map(({ room, ...tick }) => ({ ...tick, max: tick.min + room }));

  test('the bounds hold', () => {
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 1, maxLength: 30 }), (ticks) => {
        const decided = play(ticks);
        ticks.forEach(({ min, max }, index) => {
          expect(decided[index]).toBeGreaterThanOrEqual(Math.max(1, min));
          expect(decided[index]).toBeLessThanOrEqual(max);
          expect(Number.isInteger(decided[index])).toBe(true);
        });
      }),
    );
  });

  test('a worker goes alone, and only after a time in which nothing was added and it was not needed', () => {
    const loads = fc.array(fc.nat(600), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(loads, (backlogs) => {
        let [workers, memory, lastNeededMs]: [number, Memory, number] = [1, FRESH, 0];
        backlogs.forEach((backlog, second) => {
          const atMs = second * 1_000;
          const active = Math.min(backlog, workers * 50);
          const waiting = backlog - active;
          if (backlog > (workers - 1) * 50) lastNeededMs = atMs;
          const next = scale({ ...bounds, backlog, active, waiting, oldestReadyMs: 0, workers, atMs }, memory);
          if (next.workers < workers) {
            expect(next.workers).toBe(workers - 1);
            expect(atMs - lastNeededMs).toBeGreaterThanOrEqual(STABLE_MS);
          }
          if (next.workers !== workers) lastNeededMs = atMs;
          [workers, memory] = [next.workers, next.memory];
        });
      }),
    );
  });
});

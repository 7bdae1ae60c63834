import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import { NOTHING_TO_UNDO } from '../../src/core/definition.ts';
import { createRegistry } from '../../src/core/registry.ts';
import { lanesOf, limiterOf, queueFor } from '../../src/queues/lanes.ts';
import { COMPENSATIONS, STEPS } from '../../src/queues/names.ts';
import { worstSecond } from '../support/meter.ts';

const undoable = { execute: () => undefined, compensate: () => undefined };
const final = { execute: () => undefined, compensate: NOTHING_TO_UNDO };
const free = defineSaga('FREE', { input: z.object({}) }).step('A', undoable);
const mixed = defineSaga('MIXED', { input: z.object({}), limits: { concurrency: 3 } })
  .step('A', undoable)
  .step('B', { ...final, limits: { perSecond: 5 } })
  .step('C', final);

test('what has no limits is in the common queues', () => {
  expect(lanesOf(createRegistry([free]))).toEqual([]);
  expect([queueFor(STEPS, free, 'A'), queueFor(COMPENSATIONS, free, 'A')]).toEqual([STEPS, COMPENSATIONS]);
  expect(queueFor(STEPS, undefined, 'A')).toBe(STEPS);
});

test('a step with limits has lanes of its own, the others share those of their saga; what is never undone has none', () => {
  expect(lanesOf(createRegistry([mixed, free]))).toEqual([
    { name: 'saga-steps.MIXED', side: STEPS, limits: { concurrency: 3 } },
    { name: 'saga-compensations.MIXED', side: COMPENSATIONS, limits: { concurrency: 3 } },
    { name: 'saga-steps.MIXED.B', side: STEPS, limits: { perSecond: 5 } },
  ]);
  expect(queueFor(COMPENSATIONS, mixed, 'C')).toBe(COMPENSATIONS);
});

/** When jobs are let through by windows that begin with their first job, each as late as `gapsMs` says. */
function letThrough({ max, duration }: { readonly max: number; readonly duration: number }, gapsMs: readonly number[]) {
  let [now, window, used] = [0, Number.NEGATIVE_INFINITY, 0];
  return gapsMs.map((gapMs) => {
    now += gapMs;
    if (now >= window + duration) [window, used] = [now, 0];
    else if (used === max) [now, window, used] = [window + duration, window + duration, 0];
    used += 1;
    return now;
  });
}

test('whenever jobs come, no second has more than were allowed', () => {
  const perSecond = fc.integer({ min: 1, max: 60 });
  const gapsMs = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100 })), { maxLength: 200 });
  fc.assert(
    fc.property(perSecond, gapsMs, (limit, gaps) => {
      expect(worstSecond(letThrough(limiterOf(limit), gaps))).toBeLessThanOrEqual(limit);
    }),
  );
});

test('under load nine tenths of what is allowed come through', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (limit) => {
      const { max, duration } = limiterOf(limit);
      expect((max * 1_000) / duration).toBeGreaterThan(0.9 * limit);
    }),
  );
});

import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import type { SagaDefinition } from '../../src/core/definition.ts';
import { NOTHING_TO_UNDO, manual } from '../../src/core/definition.ts';
import { createRegistry } from '../../src/core/registry.ts';

const base = defineSaga('BUY', { input: z.object({ price: z.number() }) });
const nothing = { execute: () => undefined, compensate: NOTHING_TO_UNDO };
/** What plain JavaScript can do and the types forbid. */
const untyped = (definition: unknown) => definition as SagaDefinition;

test.each<[string, SagaDefinition, string]>([
  ['no steps', base, 'Saga BUY has no steps'],
  ['a name twice', untyped(base.step('A', nothing).step('A' as never, nothing)), 'Saga BUY has two steps A'],
  ['a step name over its column', base.step('A'.repeat(101), nothing), 'name has 101 characters, the limit is 100'],
  ['a type over its column', defineSaga('B'.repeat(51), { input: z.object({}) }).step('A', nothing), 'the limit is 50'],
  ['a step name with a colon', base.step('A:B', nothing), 'Saga BUY, step A:B: name must be UPPER_SNAKE, got "A:B"'],
  [
    'no attempts',
    base.step('A', { ...nothing, attempts: 0 }),
    'Saga BUY, step A: attempts must be a whole number of at least 1, got 0',
  ],
  [
    'half a backoff',
    base.step('A', { ...nothing, backoffMs: 0.5 }),
    'backoffMs must be a whole number of at least 0, got 0.5',
  ],
  [
    'no compensation',
    untyped(base.step('A', { execute: nothing.execute } as never)),
    "step A: compensate must be a function, NOTHING_TO_UNDO or manual('what to do')",
  ],
  [
    'a word for onError',
    base.step('A', { ...nothing, onError: 'maybe' as never }),
    'onError must be failed or unknown, got "maybe"',
  ],
  [
    'half a slot',
    base.step('A', { ...nothing, limits: { concurrency: 0.5 } }),
    'Saga BUY, step A: limits.concurrency must be a whole number of at least 1, got 0.5',
  ],
  [
    'a rate of none',
    defineSaga('BUY', { input: z.object({}), limits: { perSecond: 0 } }).step('A', nothing),
    'Saga BUY: limits.perSecond must be a whole number of at least 1, got 0',
  ],
  [
    'limits by another name',
    base.step('A', { ...nothing, limits: { perMinute: 5 } as never }),
    'Saga BUY, step A: limits must have concurrency or perSecond, or both, got {"perMinute":5}',
  ],
  ['limits of nothing', base.step('A', { ...nothing, limits: {} }), 'or both, got {}'],
  ['no limits', base.step('A', { ...nothing, limits: null as never }), 'or both, got null'],
  [
    'no execute',
    base.step('A', { compensate: NOTHING_TO_UNDO } as never),
    'Saga BUY, step A: execute must be a function, got undefined',
  ],
])('%s is refused with the saga and the step', (_what, definition, message) => {
  expect(() => createRegistry([definition])).toThrow(message);
});

test('a type defined twice is refused', () => {
  const saga = base.step('A', nothing);
  expect(() => createRegistry([saga, saga])).toThrow('Saga BUY is defined twice');
});

test('a rescue is a saga of the same runner, and does not lead back', () => {
  const saga = (type: string, rescue?: string) =>
    defineSaga(type, {
      input: z.object({}),
      ...(rescue === undefined ? {} : { rescue: { type: rescue, input: () => ({}) } }),
    }).step('A', nothing);
  expect(() => createRegistry([saga('BUY', 'CREDIT')])).toThrow('Saga BUY: there is no saga CREDIT');
  expect(() => createRegistry([saga('BUY', 'BUY')])).toThrow('Saga BUY: its rescue leads back to it: BUY, BUY');
  expect(() => createRegistry([saga('BUY', 'CREDIT'), saga('CREDIT', 'CALL'), saga('CALL', 'CREDIT')])).toThrow(
    'Saga CALL: its rescue leads back to it: BUY, CREDIT, CALL, CREDIT',
  );
  expect(createRegistry([saga('BUY', 'CREDIT'), saga('CREDIT', 'CALL'), saga('CALL')]).size).toBe(3);
});

test('the state of a step is the input and the outputs before it', () => {
  const saga = base
    .step('A', { execute: ({ input }) => ({ orderId: `o-${input.price.toFixed()}` }), compensate: manual('call them') })
    .step('B', {
      execute: ({ state }) => {
        const orderId: string = state.orderId;
        return { length: orderId.length + state.price };
      },
      compensate: ({ output }) => {
        // Of a step that may have acted without an answer, the output is not known.
        const length: number | undefined = output?.length;
        expect(length).toBeDefined();
      },
    })
    .transaction('C', {
      execute: ({ state }) => ({ twice: state.length * 2 }),
      compensate: ({ output }) => {
        const twice: number = output.twice;
        expect(twice).toBeDefined();
      },
    });
  expect(
    createRegistry([saga])
      .get('BUY')
      ?.steps.map(({ name, kind }) => `${name} ${kind}`),
  ).toEqual(['A step', 'B step', 'C transaction']);
});

test('mistakes are compile errors', () => {
  // @ts-expect-error a step needs a compensation
  base.step('A', { execute: () => undefined });
  // @ts-expect-error the name is taken
  base.step('A', nothing).step('A', nothing);
  // @ts-expect-error later is not in the state yet
  base.step('A', { execute: ({ state }) => ({ x: state.later }), compensate: NOTHING_TO_UNDO });
  // @ts-expect-error an output is an object
  base.step('A', { execute: () => 5, compensate: NOTHING_TO_UNDO });
  expect(base.steps).toEqual([]);
});

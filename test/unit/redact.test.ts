import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import { NOTHING_TO_UNDO } from '../../src/core/definition.ts';
import { createRegistry } from '../../src/core/registry.ts';
import { REDACTED, redact, shown, shownText } from '../../src/core/redact.ts';

const key = fc.constantFrom('a', 'b', 'c', '0', '1', '__proto__', 'constructor');
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
/** Values as JSON.parse makes them: `__proto__` is a key like any other. */
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries): unknown => Object.fromEntries(entries)),
  ),
})).value;
const path = fc.array(fc.oneof(key, fc.constant('*')), { minLength: 1, maxLength: 4 }).map((keys) => keys.join('.'));
const paths = fc.array(path, { maxLength: 4 });

/** Every place in a value with what is there, objects included. */
function placesOf(root: unknown): { readonly keys: readonly string[]; readonly found: unknown }[] {
  const walk = (found: unknown, keys: readonly string[]): ReturnType<typeof placesOf> => [
    { keys, found },
    ...(typeof found === 'object' && found !== null
      ? Object.entries(found).flatMap(([name, member]) => walk(member, [...keys, name]))
      : []),
  ];
  return walk(root, []);
}

const isAt = (keys: readonly string[], pattern: string) => {
  const segments = pattern.split('.');
  return (
    segments.length === keys.length && segments.every((segment, index) => segment === '*' || segment === keys[index])
  );
};
/** At one of the paths, or below what is. */
const isHidden = (keys: readonly string[], all: readonly string[]) =>
  keys.some((_, index) => all.some((pattern) => isAt(keys.slice(0, index + 1), pattern)));

describe('redacted values', () => {
  test('are gone from every place that a path names, and nothing else has changed', () => {
    fc.assert(
      fc.property(value, paths, (root, all) => {
        const before = new Map(placesOf(root).map(({ keys, found }) => [JSON.stringify(keys), found]));
        for (const { keys, found } of placesOf(redact(root, all))) {
          if (isHidden(keys, all)) expect(found).toBe(REDACTED);
          else if (typeof found !== 'object' || found === null) expect(found).toBe(before.get(JSON.stringify(keys)));
          before.delete(JSON.stringify(keys));
        }
        for (const place of before.keys()) expect(isHidden(JSON.parse(place) as string[], all)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('leave the value itself as it was', () => {
    fc.assert(
      fc.property(value, paths, (root, all) => {
        const text = JSON.stringify(root);
        redact(root, all);
        expect(JSON.stringify(root)).toBe(text);
      }),
    );
  });

  test('no prototype is changed, and the key __proto__ stays a key', () => {
    const root: unknown = JSON.parse('{"__proto__": {"polluted": "yes", "secret": "x"}}');
    const redacted = redact(root, ['__proto__.secret', 'constructor.prototype.polluted']);
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"polluted":"yes","secret":"[redacted]"}}');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  test('are hidden whatever they are: objects, lists, null', () => {
    const root = {
      card: { number: 1 },
      tags: ['x'],
      gone: null,
      items: [
        { iban: 'a', n: 1 },
        { iban: 'b', n: 2 },
      ],
    };
    expect(redact(root, ['card', 'tags', 'gone', 'items.*.iban', 'items.1.n', 'absent.x'])).toEqual({
      card: REDACTED,
      tags: REDACTED,
      gone: REDACTED,
      items: [
        { iban: REDACTED, n: 1 },
        { iban: REDACTED, n: REDACTED },
      ],
    });
  });

  test('text is redacted as what it says', () => {
    expect(shownText({ redact: ['card'] }, '{"card":"4111","ok":true}')).toBe('{"card":"[redacted]","ok":true}');
    expect(shownText({ redact: [] }, '{"b":1, "a":2}')).toBe('{"b":1, "a":2}');
  });

  test('nothing is shown of a saga whose definition is not known', () => {
    expect([shown(undefined, { card: 1 }), shown(undefined, null), shown({ redact: [] }, { card: 1 })]).toEqual([
      REDACTED,
      null,
      { card: 1 },
    ]);
    expect(shownText(undefined, '{"card":1}')).toBe('"[redacted]"');
  });
});

describe('paths', () => {
  const register = (given: unknown) =>
    createRegistry([
      defineSaga('BUY', { input: z.object({}), redact: given as string[] }).step('A', {
        execute: () => undefined,
        compensate: NOTHING_TO_UNDO,
      }),
    ]);

  test.each(['', 'a.', '.a', 'a..b', 'a*', 'items[0].iban', '$.card', ' card', 7, null])('%j is refused', (wrong) => {
    expect(() => register(['card', wrong])).toThrow('Saga BUY: redact must have paths such as card.number');
  });

  test.each(['card', Array.from({ length: 101 }, () => 'a')])('too many, or no list, are refused', (wrong) => {
    expect(() => register(wrong)).toThrow('Saga BUY: redact must be an array of at most 100 paths');
  });

  test('of any keys are taken', () => {
    expect(register(['card.number', 'customer.*', '*.iban', 'items.0.a b', '$ref.x', '__proto__']).size).toBe(1);
  });
});

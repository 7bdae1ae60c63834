import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalText, outputText } from '../../src/core/json.ts';

const LIMIT = 1_000;

test.each([
  ['a bigint', { a: { b: 1n } }, 'Output has a bigint at /a/b, which is not JSON'],
  ['NaN', { a: [Number.NaN] }, 'Output has NaN at /a/0, which is not JSON'],
  ['a date', { a: new Date(0) }, 'Output has a Date at /a, which is not JSON'],
  ['a function', { a: () => 1 }, 'Output has a function at /a, which is not JSON'],
  ['NUL', { a: { 'b/c': 'x\u0000' } }, 'Output has \\u0000 at /a/b~1c'],
  ['half a character', { a: '\ud83d' }, 'Output has half of a surrogate pair at /a'],
  ['an array', [1], 'Output must be an object or nothing, got an array'],
  ['a string', 'x', 'Output must be an object or nothing, got a string'],
  ['null', null, 'Output must be an object or nothing, got null'],
  ['too much', { a: 'x'.repeat(LIMIT) }, 'Output is 1008 bytes, the limit is 1000'],
])('an output with %s is refused with its place', (_what, output, message) => {
  expect(() => outputText(output, LIMIT)).toThrow(message);
});

test('an output that contains itself is refused', () => {
  const output: Record<string, unknown> = {};
  output['self'] = output;
  expect(() => outputText(output, LIMIT)).toThrow('Output contains itself at /self');
});

test('nothing is an empty object, and undefined members are left out', () => {
  expect(outputText(undefined, LIMIT)).toBe('{}');
  expect(outputText({ a: undefined, b: 1 }, LIMIT)).toBe('{"b":1}');
});

test('every JSON object without NUL comes back as it was', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue()).filter((value) => !JSON.stringify(value).includes('\\u0000'));
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(outputText(value, 1_000_000))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('equal values have one canonical text whatever the order of their keys', () => {
  expect(canonicalText({ a: 1, b: { c: 2, d: 3 } })).toBe(canonicalText({ b: { d: 3, c: 2 }, a: 1 }));
});

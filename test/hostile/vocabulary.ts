import fc, { type Arbitrary } from 'fast-check';
import { HOSTILE_TEXTS, INHERITED } from '../support/hostile-texts.ts';

/** Any text, most of it with a history. */
export const hostileText: Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...HOSTILE_TEXTS), weight: 6 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 1 },
  { arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }), weight: 1 },
  // Half of a pair wherever it falls: the units of UTF-16 one by one.
  {
    arbitrary: fc.array(fc.nat({ max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
    weight: 1,
  },
);

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

/** JSON texts that `JSON.stringify` would not write, or that ask much of whoever reads them. */
const ODD_JSON: readonly string[] = [
  '1e999',
  '-1e999',
  '1e-400',
  '-0',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1e-7',
  'null',
  'true',
  '[]',
  '{}',
  '[null]',
  '""',
  '{"":""}',
  '{"a":1,"a":2}',
  '[[],{}]',
  ...INHERITED.map((key) => `{${JSON.stringify(key)}:{"polluted":true}}`),
  '{"__proto__":null}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"a":{"__proto__":{"toJSON":"polluted"}}}',
  '{"\\u0000":1}',
  '{"\\ud800":1}',
  '{"toJSON":"x","then":"x","length":1e9}',
  nested('[', ']', 63),
  nested('[', ']', 70),
  nested('[', ']', 20_000),
  `${'{"a":'.repeat(66)}1${'}'.repeat(66)}`,
  `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`,
  `[${'0,'.repeat(3_000)}0]`,
  `{${Array.from({ length: 2_000 }, (_, index) => `"k${index}":${index}`).join(',')}}`,
  JSON.stringify('x'.repeat(100_000)),
];

/** A hostile value, as JSON text. */
export const hostileJson: Arbitrary<string> = fc.oneof(
  { arbitrary: hostileText.map((text) => JSON.stringify(text)), weight: 4 },
  { arbitrary: fc.constantFrom(...ODD_JSON), weight: 4 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)), weight: 2 },
  { arbitrary: fc.dictionary(hostileText, fc.nat(), { maxKeys: 4 }).map((value) => JSON.stringify(value)), weight: 1 },
);

/** A part of a URL as it goes over the wire: encoded well, encoded badly, or not at all. */
export const hostilePart: Arbitrary<string> = fc.oneof(
  { arbitrary: hostileText.map(encoded), weight: 4 },
  {
    arbitrary: fc.constantFrom(
      '%',
      '%zz',
      '%f',
      '%ff',
      '%00',
      '%2f',
      '%2F..%2F',
      '..',
      '%2e%2e',
      '.',
      '%ed%a0%80',
      '%c0%af',
      '%25%30%30',
      '%0d%0ax-injected:%20yes',
      '%e2%80%ae',
      '*',
      '~',
      ';a=b',
      '%5c',
      '%7b%7d',
      '()',
      '+',
      '!',
      "'",
    ),
    weight: 2,
  },
  { arbitrary: fc.constantFrom(1_000, 9_000).map((length) => 'p'.repeat(length)), weight: 1 },
);

/** Half of a pair has no encoding; it gets the one that it would have. */
function encoded(text: string): string {
  return Array.from(text, (character) =>
    /\p{Surrogate}/u.test(character) ? surrogate(character) : encodeURIComponent(character),
  ).join('');
}

function surrogate(character: string): string {
  const code = character.charCodeAt(0);
  const bytes = [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  return bytes.map((byte) => `%${byte.toString(16)}`).join('');
}

/** As a header's value: a client of Node's sends no other characters; `raw.ts` does. */
export function sendable(text: string): string {
  return text.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '?').slice(0, 2_000);
}

import { gzipSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import { hostileJson, hostileText } from './vocabulary.ts';

/** Where a hostile value goes into a JSON text. */
const HOLE = 'a-hole-in-the-body';

type Members = Record<string, unknown>;

/** Bodies for what takes `valid`: right ones, ones with one part made wrong, and rubbish. */
export function bodyOf(valid: Arbitrary<unknown>): Arbitrary<Buffer> {
  const right = valid.map((value) => JSON.stringify(value) ?? '{}');
  const spoilt = fc.tuple(valid, fc.nat(), fc.constantFrom(...SPOILERS), hostileText, hostileJson).map(spoil);
  return fc.oneof(
    { arbitrary: right.map(bytes), weight: 9 },
    { arbitrary: spoilt.map(bytes), weight: 6 },
    { arbitrary: hostileJson.map(bytes), weight: 3 },
    { arbitrary: fc.tuple(right, fc.constantFrom(...BREAKERS)).map(([text, damage]) => damage(text)), weight: 2 },
  );
}

const bytes = (text: string) => Buffer.from(text);

type Spoiler = (holder: Members, key: string, name: string) => void;

const SPOILERS: readonly Spoiler[] = [
  (holder, key) => void (holder[key] = HOLE),
  (holder, key) => void (holder[key] = [holder[key]]),
  (holder, key) => void (holder[key] = { [key]: holder[key], hole: HOLE }),
  (holder, key) => void Reflect.deleteProperty(holder, key),
  (holder, _key, name) =>
    void Object.defineProperty(holder, name, { value: HOLE, enumerable: true, configurable: true, writable: true }),
];

function spoil([value, pick, spoiler, name, json]: [unknown, number, Spoiler, string, string]): string {
  const root = { body: JSON.parse(JSON.stringify(value) ?? '{}') as unknown };
  const places = placesIn(root);
  const [holder, key] = places[pick % places.length] ?? [root, 'body'];
  spoiler(holder, key, name);
  const text = JSON.stringify(root.body) ?? '';
  // The last one: an earlier one would be in a key that was named so.
  return text.replaceAll(JSON.stringify(HOLE), () => json);
}

function placesIn(holder: Members): [Members, string][] {
  return Object.entries(holder).flatMap(([key, member]): [Members, string][] =>
    typeof member === 'object' && member !== null ? [[holder, key], ...placesIn(member as Members)] : [[holder, key]],
  );
}

/** What else may arrive in place of a JSON text. */
const BREAKERS: readonly ((text: string) => Buffer)[] = [
  (text) => bytes(text.slice(0, -1)),
  (text) => bytes(text.slice(0, text.length / 2)),
  (text) => bytes(text + text),
  (text) => bytes(text.replaceAll('"', "'")),
  (text) => bytes(`\ufeff${text}`),
  (text) => bytes(`/* */ ${text}`),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.concat([bytes(text), Buffer.from([0xff, 0xfe, 0xc0, 0x80])]),
  (text) => Buffer.concat([bytes('{"a":"'), Buffer.from([0xed, 0xa0, 0x80, 0xf5]), bytes('"}'), bytes(text)]),
  (text) => bytes(' '.repeat(10_000) + text),
  () => bytes(''),
  () => bytes(' '),
  () => bytes(`{"a":"${'x'.repeat(300_000)}"}`),
  (text) => gzipSync(text),
  () => gzipSync('0'.repeat(3_000_000)),
];

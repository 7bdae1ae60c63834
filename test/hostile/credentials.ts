import fc, { type Arbitrary } from 'fast-check';
import type { ApiRole } from '../../src/api-keys.ts';
import { SESSION_COOKIE } from '../../src/http/access/session-cookie.ts';
import { KEYS } from '../support/access.ts';
import type { Header } from './headers.ts';
import { hostileText, sendable } from './vocabulary.ts';

/** Who sends a request. */
export interface Sender {
  /** What they may do; undefined: nothing that is not public. */
  readonly role: ApiRole | undefined;
  readonly headers: readonly Header[];
  /** Sends keys that are none: from an address of their own, as too many of those are held against it. */
  readonly guesses: boolean;
}

const withKey = (role: ApiRole): Sender => ({
  role,
  headers: [['authorization', `Bearer ${KEYS[role]}`]],
  guesses: false,
});
const NOBODY: Sender = { role: undefined, headers: [], guesses: false };

/** Sessions end when somebody logs out with them: which of them still lasts is not known beforehand. */
const session = fc.nat({ max: 999 }).map((index): Sender => {
  return { role: 'operator', headers: [['cookie', `${SESSION_COOKIE}={{session:${index}}}`]], guesses: false };
});

const guessedKey = fc
  .oneof(fc.constantFrom('', ' ', 'null', '__proto__', `${KEYS.operator}x`, KEYS.operator.slice(1)), hostileText)
  .map((key): Header => ['authorization', `Bearer ${sendable(key)}`]);
const otherScheme = fc
  .constantFrom('Bearer', 'Basic Og==', 'Digest x', `Token ${KEYS.operator}`, KEYS.operator)
  .map((value): Header => ['authorization', value]);
const token = '{{session:0}}';
const forgedCookie = fc
  .oneof(
    fc.constantFrom(
      `${token}x`,
      `x${token}`,
      `${token}.`,
      token.replace('0', '1').concat('=='),
      '',
      'a.b.c',
      '..',
      '%00',
    ),
    fc.constantFrom(`${'a'.repeat(22)}.${'0'.repeat(32)}.zzzzzz.${'A'.repeat(43)}`, 'a'.repeat(6_000)),
    hostileText.map(sendable),
  )
  .map((value): Header => ['cookie', `${SESSION_COOKIE}=${value.replaceAll(/[;,]/g, '')}`]);
const oddCookie = fc
  .constantFrom('__proto__=1', ';;;=', 'a=%', 'a="', `${SESSION_COOKIE.toUpperCase()}=${token}`, '=')
  .map((value): Header => ['cookie', value]);

const guesser = fc
  .oneof(guessedKey, otherScheme, forgedCookie, oddCookie)
  .map((header): Sender => ({ role: undefined, headers: [header], guesses: true }));

export const anySender: Arbitrary<Sender> = fc.oneof(
  { arbitrary: fc.constant(withKey('operator')), weight: 12 },
  { arbitrary: fc.constant(withKey('starter')), weight: 2 },
  { arbitrary: fc.constant(withKey('viewer')), weight: 2 },
  { arbitrary: session, weight: 4 },
  { arbitrary: fc.constant(NOBODY), weight: 1 },
  { arbitrary: guesser, weight: 2 },
);

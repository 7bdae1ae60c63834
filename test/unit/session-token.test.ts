import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSession, type SessionClaims, signSession } from '../../src/http/access/session-token.ts';

const SECRET = 'a secret of at least 32 characters';
const NOW_MS = 1_800_000_000_000;
const CLAIMS: SessionClaims = {
  sessionId: 'Zm9vYmFyYmF6cXV4MTIzNA',
  keyId: '0123456789abcdef'.repeat(2),
  expiresAtMs: NOW_MS + 60_000,
};
const TOKEN = signSession(SECRET, CLAIMS);

const hexDigits = fc.stringMatching(/^[\da-f]{32}$/);
const anyClaims = fc.record({
  sessionId: fc.stringMatching(/^[\w-]{1,40}$/),
  keyId: hexDigits,
  expiresAtMs: fc.integer({ min: NOW_MS / 1_000 + 1, max: NOW_MS / 500 }).map((seconds) => seconds * 1_000),
});

test('a token says what was signed, until it expires', () => {
  fc.assert(
    fc.property(anyClaims, fc.string({ minLength: 32 }), (claims, secret) => {
      const token = signSession(secret, claims);
      expect(token).toMatch(/^[\w.-]+$/);
      expect(readSession(secret, token, NOW_MS)).toEqual(claims);
      expect(readSession(secret, token, claims.expiresAtMs - 1)).toEqual(claims);
      expect(readSession(secret, token, claims.expiresAtMs)).toBeUndefined();
    }),
  );
});

test('a token of another secret is none', () => {
  fc.assert(
    fc.property(anyClaims, fc.string(), (claims, secret) => {
      fc.pre(secret !== SECRET);
      expect(readSession(SECRET, signSession(secret, claims), NOW_MS)).toBeUndefined();
    }),
  );
});

describe('a token that was changed is none', () => {
  const refused = (token: string) => {
    fc.pre(token !== TOKEN);
    expect(readSession(SECRET, token, NOW_MS)).toBeUndefined();
  };
  const place = fc.nat({ max: TOKEN.length - 1 });
  const character = fc.oneof(
    fc.constantFrom('-', '_', '.', '=', '+', '/', ' ', '\u0000', 'é'),
    fc.stringMatching(/^[\w]$/),
  );

  test('in one character, wherever it is', () => {
    for (let at = 0; at < TOKEN.length; at += 1)
      for (const other of 'AB9_-.') {
        const changed = TOKEN.slice(0, at) + other + TOKEN.slice(at + 1);
        if (changed !== TOKEN) expect(readSession(SECRET, changed, NOW_MS)).toBeUndefined();
      }
  });

  test('by what is put in, left out or exchanged', () => {
    const insert = fc.tuple(place, character).map(([at, text]) => TOKEN.slice(0, at) + text + TOKEN.slice(at));
    const remove = fc.tuple(place, place).map(([a, b]) => TOKEN.slice(0, Math.min(a, b)) + TOKEN.slice(Math.max(a, b)));
    const swap = fc.tuple(place, place).map(([a, b]) => {
      const letters = TOKEN.split('');
      [letters[a], letters[b]] = [letters[b] ?? '', letters[a] ?? ''];
      return letters.join('');
    });
    fc.assert(fc.property(fc.oneof(insert, remove, swap), refused), { numRuns: 2_000 });
  });

  test('by claims under the signature of others', () => {
    const mac = TOKEN.slice(TOKEN.lastIndexOf('.'));
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const unsigned = signSession('', claims);
        refused(unsigned.slice(0, unsigned.lastIndexOf('.')) + mac);
      }),
    );
  });

  test('whatever text it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), refused));
  });
});

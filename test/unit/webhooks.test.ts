import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endpointOf, tellsEndOf, wantedNotices } from '../../src/core/notice.ts';
import { isSigned, signatureOf } from '../../src/core/signature.ts';
import { verifyWebhook } from '../../src/index.ts';

const secret = 'a secret of more than thirty-two characters';
const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

test('what was signed verifies, and nothing else does', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (body, other, key) => {
      const signature = signatureOf(secret, body, NOW);
      expect(isSigned({ secret, body, signature }, MINUTE, NOW)).toBe(true);
      expect(isSigned({ secret, body: Buffer.from(body), signature }, MINUTE, NOW)).toBe(true);
      expect(isSigned({ secret, body: other, signature }, MINUTE, NOW)).toBe(other === body);
      expect(isSigned({ secret: key, body, signature }, MINUTE, NOW)).toBe(false);
      expect(isSigned({ secret, body, signature: key }, MINUTE, NOW)).toBe(false);
    }),
  );
});

test('a signature is good for as long as is tolerated, and its time cannot be changed', () => {
  const signature = signatureOf(secret, '{}', NOW);
  const at = (ms: number) => isSigned({ secret, body: '{}', signature }, MINUTE, ms);
  expect([at(NOW - MINUTE), at(NOW + MINUTE), at(NOW - MINUTE - 1), at(NOW + MINUTE + 1)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const later = signature.replace(/t=\d+/, `t=${(NOW + MINUTE) / 1_000}`);
  expect(isSigned({ secret, body: '{}', signature: later }, MINUTE, NOW + MINUTE)).toBe(false);
});

test('a receiver gets the notice of a signed request, and none of another', () => {
  const body = JSON.stringify({ id: 'x' });
  expect(verifyWebhook({ body, secret, signature: signatureOf(secret, body, Date.now()) })).toEqual({ id: 'x' });
  expect(verifyWebhook({ body, secret, signature: undefined })).toBeUndefined();
  expect(verifyWebhook({ body, secret, signature: signatureOf(secret, body, NOW - 1e9) })).toBeUndefined();
});

test('the name of a receiver hides its URL, and is the same everywhere', () => {
  const name = endpointOf('https://hooks.example:8443/services/T0/secret');
  expect(name).toMatch(/^hooks\.example:8443#[\da-f]{8}$/);
  expect(endpointOf('https://hooks.example:8443/services/T0/secret')).toBe(name);
  expect(endpointOf('https://hooks.example:8443/services/T1/secret')).not.toBe(name);
});

test('the end of a saga is told of the types that are named, or of all', () => {
  const wanted = (...events: string[]) => wantedNotices({ urls: ['https://a.example'], secret, events });
  expect(wanted()).toMatchObject({ parked: false, taskOpened: false, finished: [] });
  expect(wanted('saga.parked', 'task.opened')).toMatchObject({ parked: true, taskOpened: true, finished: [] });
  const some = wanted('saga.finished:TRIP');
  expect([tellsEndOf(some, 'TRIP'), tellsEndOf(some, 'OTHER')]).toEqual([true, false]);
  expect(tellsEndOf(wanted('saga.finished:TRIP', 'saga.finished'), 'OTHER')).toBe(true);
});

test.each([
  ['a URL of another protocol', { urls: ['ftp://a.example'] }, /Webhook 1 is no URL/],
  ['a URL with a password', { urls: ['https://a.example', 'https://me:pw@b.example'] }, /Webhook 2 is no URL/],
  ['a short secret', { secret: 'short' }, /has 5 characters, expected 32/],
  ['an unknown notice', { events: ['saga.lost'] }, /no notice saga\.lost/],
])('webhooks with %s are refused', (_what, part, message) => {
  expect(() => wantedNotices({ urls: ['https://a.example'], secret, ...part })).toThrow(message);
});

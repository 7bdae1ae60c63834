import * as fc from 'fast-check';
import {
  amountOf,
  amountSchema,
  centsOf,
  centsOfDecimal,
  formatCents,
  MAX_CENTS,
  parseCents,
} from '../../src/sagas/money.ts';

const cents = fc.integer({ min: 0, max: MAX_CENTS });

test('every amount survives its JSON number and back', () => {
  fc.assert(fc.property(cents, (amount) => centsOf(amountOf(amount)) === amount));
  fc.assert(fc.property(cents, (amount) => centsOf(JSON.parse(formatCents(amount)) as number) === amount));
});

test('every amount survives its column and back, with its sign', () => {
  const signed = fc.integer({ min: -MAX_CENTS, max: MAX_CENTS });
  fc.assert(fc.property(signed, (amount) => centsOfDecimal({ toFixed: () => formatCents(amount) }) === amount));
});

test.each([
  ['100', 10_000],
  ['100.5', 10_050],
  ['0.01', 1],
  ['9999999999.99', MAX_CENTS],
])('%s is %i cents', (text, amount) => {
  expect(parseCents(text)).toBe(amount);
});

test.each(['', '1.234', '-1', '1e3', '.5', '5.', 'NaN', ' 1', '10000000000'])('%p is no amount', (text) => {
  expect(parseCents(text)).toBeUndefined();
});

test('a sum that floating point gets wrong is refused, not rounded', () => {
  expect(() => centsOf(0.1 + 0.2)).toThrow('0.30000000000000004 is not an amount of money');
});

test.each([0, -1, 0.001, 100.001, 10_000_000_000, 1e21, Number.NaN, Number.POSITIVE_INFINITY, '100', null])(
  'a request for %p is refused',
  (amount) => {
    expect(amountSchema.safeParse(amount).success).toBe(false);
  },
);

test.each([0.01, 100, 19.99, 9_999_999_999.99])('a request for %p is taken', (amount) => {
  expect(amountSchema.parse(amount)).toBe(amount);
});

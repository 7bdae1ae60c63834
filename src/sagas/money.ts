import { z } from 'zod';

/** The most an amount may be: what `DECIMAL(12,2)` holds. */
export const MAX_CENTS = 999_999_999_999;

const DECIMAL = /^(\d{1,10})(?:\.(\d{1,2}))?$/;

/** Whole cents of a decimal text such as `100.5`, or undefined when it has more than two decimals or is no amount. */
export function parseCents(text: string): number | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, units = '', decimals = ''] = match;
  return Number(units + decimals.padEnd(2, '0'));
}

/** Whole cents of a JSON number. Its shortest decimal form is read: 0.1 + 0.2 is refused rather than rounded. */
export function centsOf(amount: number): number {
  const cents = parseCents(String(amount));
  if (cents === undefined) throw new RangeError(`${amount} is not an amount of money`);
  return cents;
}

/** Whole cents of a column `DECIMAL(12,2)`. */
export function centsOfDecimal(amount: { toFixed(digits: 2): string }): number {
  const text = amount.toFixed(2);
  const cents = parseCents(text.replace('-', ''));
  if (cents === undefined) throw new RangeError(`${text} is not an amount of money`);
  return text.startsWith('-') ? -cents : cents;
}

/** `12345` → `123.45`: for columns and messages. */
export function formatCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The JSON number of an amount; nothing is calculated with it. */
export function amountOf(cents: number): number {
  return Number(formatCents(cents));
}

/** An amount in a request, such as 100.00. */
export const amountSchema = z
  .number()
  .positive()
  .max(amountOf(MAX_CENTS))
  .refine((amount) => parseCents(String(amount)) !== undefined, 'An amount has at most two decimals')
  .describe("In the currency's unit, at most two decimals");

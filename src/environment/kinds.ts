/** The kinds of values that variables have. What is expected is said once: refusals and the reference repeat it. */
import { z } from 'zod';

/** What the values of a variable are. */
export interface Kind<S extends z.ZodType = z.ZodType> {
  /** What is right: `a whole number from 0 to 65535`. */
  readonly expected: string;
  /** Of its text. Refuses with `expected`. */
  readonly schema: S;
  /** What holds where it is not set, as one would write it. Undefined: nothing does. */
  readonly fallback?: string;
}

const wholeNumberSchema = (least: number, most: number, expected: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: expected })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: expected });

const between = (least: number, most: number) => `a whole number from ${least} to ${most}`;

export function whole(least: number, most: number, fallback: number) {
  const expected = between(least, most);
  const schema = wholeNumberSchema(least, most, expected).default(fallback);
  return { expected, schema, fallback: String(fallback) };
}

export function optionalWhole(least: number, most: number) {
  const expected = between(least, most);
  return { expected, schema: wholeNumberSchema(least, most, expected).optional() };
}

export function url(expected: string, protocols: readonly string[]) {
  const schema = z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), { error: expected })
    .optional();
  return { expected, schema };
}

export const webUrl = () => url('a URL http://host:port or https://host', ['http:', 'https:']);

export const ANY_TEXT = 'any text';

export const text = (fallback: string) => ({
  expected: ANY_TEXT,
  schema: z.string().default(fallback),
  ...(fallback === '' ? {} : { fallback }),
});

export const optionalText = { expected: ANY_TEXT, schema: z.string().optional() };

export function matching(pattern: RegExp, expected: string, fallback: string) {
  return { expected, schema: z.string().regex(pattern, { error: expected }).default(fallback), fallback };
}

export function secret(least: number) {
  const expected = `a text of ${least} or more characters`;
  return { expected, schema: z.string().min(least, { error: expected }).optional() };
}

export function oneOf<const T extends readonly string[]>(values: T, fallback: T[number]) {
  const expected = `one of ${values.join(', ')}`;
  return { expected, schema: z.enum(values, { error: expected }).default(fallback), fallback };
}

const parts = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

/** Parts between commas, each of which `isRight`. */
export function list(expected: string, isRight: (part: string) => boolean) {
  return { expected, schema: parts.refine((all) => all.every(isRight), { error: expected }) };
}

/** Parts between commas, each of which `read` knows; those of one `identity` are one too many. */
export function entries<T>(expected: string, read: (part: string) => T | undefined, identity: (entry: T) => string) {
  const schema = parts.transform((all, context): readonly T[] => {
    const known = all.map(read).filter((entry) => entry !== undefined);
    if (known.length === all.length && new Set(known.map(identity)).size === all.length) return known;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
  return { expected, schema };
}

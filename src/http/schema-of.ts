import type { z } from 'zod';

type Writable<T> = T extends readonly (infer Item)[]
  ? Writable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Writable<T[Key]> }
    : T;

type Same<A, B> = (<T>(value: T) => T extends A ? 1 : 2) extends <T>(value: T) => T extends B ? 1 : 2 ? true : false;

/**
 * A schema of exactly this view: one with a member more, less or of another type does not compile. What is `readonly` does
 * not count: JSON has no such thing.
 */
export const schemaOf =
  <View>() =>
  <S extends z.ZodType>(
    schema: Same<Writable<z.output<S>>, Writable<View>> extends true ? S : never,
  ): z.ZodType<View> =>
    schema as unknown as z.ZodType<View>;

import type { SagaDefinition } from './definition.ts';

/** What stands where a value is not shown. */
export const REDACTED = '[redacted]';

const ANY = '*';

/** The keys of a path such as `items.*.iban`. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('.');
}

/**
 * The value with `[redacted]` in place of whatever is at one of the paths; parts without any are the same objects as
 * before. A path is keys and indexes with dots between them; `*` is any of them. What is not there is not added.
 */
export function redact(value: unknown, paths: readonly string[]): unknown {
  return paths.length === 0 ? value : hide(value, paths.map(segmentsOf));
}

function hide(value: unknown, tails: readonly (readonly string[])[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const hideMember = (key: string, member: unknown) => {
    const rest = tails.filter(([head]) => head === key || head === ANY).map((tail) => tail.slice(1));
    if (rest.length === 0) return member;
    return rest.some((tail) => tail.length === 0) ? REDACTED : hide(member, rest);
  };
  if (Array.isArray(value)) return value.map((member: unknown, index) => hideMember(String(index), member));
  // Made of entries, a key `__proto__` is a key like any other.
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, hideMember(key, member)]));
}

type Redacting = Pick<SagaDefinition, 'redact'> | undefined;

/** What people may see of a saga's input, state or output. Without its definition nobody knows what is personal: nothing. */
export function shown(definition: Redacting, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  return definition ? redact(value, definition.redact) : REDACTED;
}

/** The same of JSON text. */
export function shownText(definition: Redacting, text: string): string {
  if (definition?.redact.length === 0) return text;
  return JSON.stringify(shown(definition, JSON.parse(text)));
}

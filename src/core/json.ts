import { OutputError } from './errors.ts';
import { pointerTo } from './issues.ts';

/**
 * The JSON text of a step's output, or an `OutputError` that names the place: not an object, a value JSON does not
 * have, text that PostgreSQL's jsonb refuses (`\u0000`, half of a surrogate pair), or more than `limitBytes`. Nothing (undefined) is `{}`.
 */
export function outputText(output: unknown, limitBytes: number): string {
  if (output === undefined) return '{}';
  if (typeof output !== 'object' || output === null || Array.isArray(output))
    throw new OutputError(`Output must be an object or nothing, got ${describe(output)}`);
  checkValue(output, '', new Set());
  const text = JSON.stringify(output);
  const bytes = Buffer.byteLength(text);
  if (bytes > limitBytes) throw new OutputError(`Output is ${bytes} bytes, the limit is ${limitBytes}`);
  return text;
}

function checkValue(value: unknown, pointer: string, above: Set<object>): void {
  switch (typeof value) {
    case 'string':
      checkText(value, at(pointer));
      return;
    case 'number':
      if (!Number.isFinite(value)) throw new OutputError(`Output has ${value} at ${at(pointer)}, which is not JSON`);
      return;
    case 'boolean':
    case 'undefined':
      return;
    case 'object':
      return value === null ? undefined : checkObject(value, pointer, above);
    default:
      throw new OutputError(`Output has a ${typeof value} at ${at(pointer)}, which is not JSON`);
  }
}

function checkObject(value: object, pointer: string, above: Set<object>): void {
  if (above.has(value)) throw new OutputError(`Output contains itself at ${at(pointer)}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    throw new OutputError(`Output has a ${value.constructor.name} at ${at(pointer)}, which is not JSON`);
  above.add(value);
  for (const [key, member] of Object.entries(value)) {
    checkText(key, `a key at ${at(pointer)}`);
    checkValue(member, pointer + pointerTo([key]), above);
  }
  above.delete(value);
}

/** jsonb takes neither NUL nor half of a surrogate pair. */
function checkText(text: string, place: string): void {
  if (text.includes('\u0000')) throw new OutputError(`Output has \\u0000 at ${place}`);
  if (/\p{Surrogate}/u.test(text)) throw new OutputError(`Output has half of a surrogate pair at ${place}`);
}

const at = (pointer: string) => (pointer === '' ? 'its root' : pointer);

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** The same text for equal JSON values, whatever the order of their keys. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

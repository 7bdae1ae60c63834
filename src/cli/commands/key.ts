import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type ApiRole, hashedEntry, isKeyName, roleNamed, ROLES } from '../../api-keys.ts';
import { reasonOf } from '../../startup-error.ts';
import { usageError } from '../cli-error.ts';

const KEY_BYTES = 32;

/** Writes a new key, and the entry of `API_KEYS` that knows it by its hash. Throws a usage error. */
export function key(args: readonly string[], stdout: { write(text: string): unknown }): number {
  const { role, name } = readArgs(args);
  const text = randomBytes(KEY_BYTES).toString('base64url');
  stdout.write(`Key, for whoever uses it; it is not shown again:\n  ${text}\n`);
  stdout.write(`Entry of API_KEYS, which holds its hash only:\n  ${hashedEntry(text, role, name)}\n`);
  return 0;
}

function readArgs(args: readonly string[]): { role: ApiRole; name: string | undefined } {
  const { role: given, name } = parse(args);
  const role = roleNamed(given ?? '');
  if (role === undefined) throw usageError(`--role: expected one of ${ROLES.join(', ')}, got ${given ?? 'none'}`);
  if (name !== undefined && !isKeyName(name))
    throw usageError(
      `--name: expected up to 50 letters, digits, dots and dashes that begin with a small letter and are no role, got ${name}`,
    );
  return { role, name };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { role: { type: 'string' }, name: { type: 'string' } } }).values;
  } catch (error) {
    throw usageError(`${reasonOf(error)} Run backstep help key for what there is`, error);
  }
}

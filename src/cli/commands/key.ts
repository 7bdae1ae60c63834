import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type ApiRole, hashedEntry, isKeyName, roleNamed, ROLES } from '../../api-keys.ts';
import { reasonOf, StartupError } from '../../startup-error.ts';
import { say } from '../say.ts';

const KEY_BYTES = 32;

/** Prints a new key, and the entry of `API_KEYS` that knows it by its hash. Throws a `StartupError`. */
export function key(args: readonly string[]): number {
  const { role, name } = readArgs(args);
  const text = randomBytes(KEY_BYTES).toString('base64url');
  say(`Key, for whoever uses it; it is not shown again:\n  ${text}`);
  say(`Entry of API_KEYS, which holds its hash only:\n  ${hashedEntry(text, role, name)}`);
  return 0;
}

function readArgs(args: readonly string[]): { role: ApiRole; name: string | undefined } {
  const { role: given, name } = parse(args);
  const role = roleNamed(given ?? '');
  if (role === undefined) throw new StartupError(`--role: expected one of ${ROLES.join(', ')}, got ${given ?? 'none'}`);
  if (name !== undefined && !isKeyName(name))
    throw new StartupError(
      `--name: expected up to 50 letters, digits, dots and dashes that begin with a small letter and are no role, got ${name}`,
    );
  return { role, name };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { role: { type: 'string' }, name: { type: 'string' } } }).values;
  } catch (error) {
    throw new StartupError(`${reasonOf(error)} Run backstep --help for what there is`, { cause: error });
  }
}

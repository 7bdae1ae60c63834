/** The keys of the HTTP API, as `API_KEYS` gives them. A key itself is forgotten as soon as it is read: its hash is kept. */
import { createHash } from 'node:crypto';

/** Each may do what those before it may. */
export const ROLES = ['viewer', 'starter', 'operator'] as const;
export type ApiRole = (typeof ROLES)[number];

/** A key that the HTTP API accepts. */
export interface ApiKey {
  /** Its SHA-256, in hexadecimal digits. */
  readonly hash: string;
  readonly role: ApiRole;
  /** Who it is in the history: as configured, or the role with the first digits of the hash. */
  readonly name: string;
}

/** What `API_KEYS` is, for whoever gets it wrong. */
export const KEYS_EXPECTED =
  `key:role or key:role:name entries separated by commas, each key once, as it is or as sha256: with its 64 digits, ` +
  `the role one of ${ROLES.join(', ')}, the name up to 50 letters, digits, dots and dashes, a small letter first`;

const HASHED = 'sha256:';
const HASH = /^[\da-f]{64}$/i;
const NAME = /^[a-z][\w.-]{0,49}$/;
/** Of a key without a name. */
const NAME_DIGITS = 8;

export const roleNamed = (text: string): ApiRole | undefined => ROLES.find((role) => role === text);

/** A name may not be a role: `key:viewer:operator` is the key `key:viewer`. */
export const isKeyName = (text: string): boolean => NAME.test(text) && roleNamed(text) === undefined;

export const hashOfKey = (key: string | Buffer): string => createHash('sha256').update(key).digest('hex');

/** Reads one entry. From its end, as a key may hold colons. */
export function parseApiKey(entry: string): ApiKey | undefined {
  const parts = entry.split(':').map((part) => part.trim());
  const last = parts.at(-1) ?? '';
  const named = roleNamed(last) === undefined;
  const role = roleNamed(parts.at(named ? -2 : -1) ?? '');
  const hash = hashOf(
    entry
      .split(':', parts.length - (named ? 2 : 1))
      .join(':')
      .trim(),
  );
  if (role === undefined || hash === undefined || (named && !isKeyName(last))) return undefined;
  return { hash, role, name: named ? last : `${role}-${hash.slice(0, NAME_DIGITS)}` };
}

function hashOf(key: string): string | undefined {
  if (!key.startsWith(HASHED)) return key === '' ? undefined : hashOfKey(key);
  const digits = key.slice(HASHED.length);
  return HASH.test(digits) ? digits.toLowerCase() : undefined;
}

/** The entry of `API_KEYS` for a key of which only the hash is to be kept. */
export function hashedEntry(key: string, role: ApiRole, name: string | undefined): string {
  return [`${HASHED}${hashOfKey(key)}`, role, ...(name === undefined ? [] : [name])].join(':');
}

import { createHash } from 'node:crypto';
import { type ApiKey, type ApiRole, parseApiKey, ROLES } from '../../src/api-keys.ts';
import type { AccessOptions } from '../../src/http/access/access.ts';
import type { SqlClient } from '../../src/index.ts';
import { createSessionStore, type SessionStore } from '../../src/store/desk/sessions.ts';

/** A key of each role, as somebody has it. */
export const KEYS: Readonly<Record<ApiRole, string>> = {
  viewer: 'key-of-the-viewer',
  starter: 'key-of-the-starter',
  operator: 'key-of-the-operator',
};

/** What the configuration makes of them: `vera`, `stan` and `olga`, of which olga's is configured as its hash. */
export const API_KEYS: readonly ApiKey[] = [
  `${KEYS.viewer}:viewer:vera`,
  `${KEYS.starter}:starter:stan`,
  `sha256:${createHash('sha256').update(KEYS.operator).digest('hex')}:operator:olga`,
].flatMap((entry) => parseApiKey(entry) ?? []);

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** Roles that are not enough for one. */
export const rolesBelow = (role: ApiRole): readonly ApiRole[] => ROLES.slice(0, ROLES.indexOf(role));

/** Sessions without a database: which ended, and who logged in. */
export function memorySessions(): SessionStore & { readonly logins: readonly string[] } {
  const ended = new Set<string>();
  const logins: string[] = [];
  return {
    logins,
    begun: ({ actor }) => Promise.resolve(void logins.push(actor)),
    end: ({ sessionId }) => Promise.resolve(void ended.add(sessionId)),
    hasEnded: (sessionId) => Promise.resolve(ended.has(sessionId)),
  };
}

/** The same over a database, as often as a test likes. */
export const storedAccess = (sql: SqlClient): AccessOptions =>
  guarded({ sessions: createSessionStore(sql), rateLimitPerMinute: 0 });

/** An API that asks for these keys. */
export function guarded(options: Partial<AccessOptions> = {}): AccessOptions {
  return { apiKeys: API_KEYS, sessions: memorySessions(), ...options };
}

import { parseApiKey } from '../../src/api-keys.ts';
import type { AppOptions } from '../../src/http/app.ts';
import type { SqlClient } from '../../src/index.ts';
import { createSessionStore } from '../../src/store/sessions.ts';

/** The key of one of each role. */
export const KEYS = { viewer: 'key-of-vera', starter: 'key-of-stan', operator: 'key-of-ada' } as const;
const NAMES = { viewer: 'vera', starter: 'stan', operator: 'ada' } as const;

/** An app that asks for these keys. */
export function accessFor(sql: SqlClient): Pick<AppOptions, 'access'> {
  const roles = ['viewer', 'starter', 'operator'] as const;
  const apiKeys = roles.map((role) => parseApiKey(`${KEYS[role]}:${role}:${NAMES[role]}`));
  return {
    access: {
      apiKeys: apiKeys.filter((key) => key !== undefined),
      sessions: createSessionStore(sql),
      rateLimitPerMinute: 0,
    },
  };
}

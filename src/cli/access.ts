import { isIPv4 } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { SqlClient } from '../core/definition.ts';
import type { AppOptions } from '../http/app.ts';
import { StartupError } from '../startup-error.ts';
import { createSessionStore } from '../store/desk/sessions.ts';

/** Whether only this machine reaches what listens there. A name other than localhost may be anything. */
export function isLoopback(host: string): boolean {
  return (isIPv4(host) && host.startsWith('127.')) || host === '::1' || host.toLowerCase() === 'localhost';
}

/** Throws a `StartupError` where others would reach an API that asks nobody for a key. */
export function requireKeys({ host, apiKeys }: Pick<Config, 'host' | 'apiKeys'>): void {
  if (apiKeys.length > 0 || isLoopback(host)) return;
  throw new StartupError(
    `HOST ${host} lets others reach the API, and API_KEYS is not set: set it (backstep key --role operator makes a key), ` +
      'or listen on 127.0.0.1',
  );
}

/** Who may do what, for `createApp`. */
export function accessOf(config: Config, prisma: SqlClient): Pick<AppOptions, 'access' | 'trustProxy'> {
  const { apiKeys, sessionSecret, sessionHours, rateLimitPerMinute, trustProxy } = config;
  const sessions = createSessionStore(prisma);
  return { access: { apiKeys, sessions, sessionSecret, sessionHours, rateLimitPerMinute }, trustProxy };
}

/** Who may do what, for a person. */
export function accessLine({ apiKeys }: Pick<Config, 'apiKeys'>): string {
  const names = apiKeys.map(({ name, role }) => `${name} (${role})`);
  return names.length === 0 ? 'none: everybody on this machine may do everything' : names.join(', ');
}

export function logAccess({ apiKeys, sessionSecret }: Config, log: Logger): void {
  if (apiKeys.length === 0) log.warn('API_KEYS is not set: everybody on this machine may do everything');
  else if (sessionSecret === undefined)
    log.info('SESSION_SECRET is not set: logins count in this process only, and end with it');
}

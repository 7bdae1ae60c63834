import type { IncomingHttpHeaders } from 'node:http';
import { fromOwnPages } from '../guards.ts';
import type { Credentials } from './access.ts';
import { sessionIn } from './session-cookie.ts';

/** Other schemes are not for us: a proxy before us may ask for a password of its own. */
const BEARER = /^bearer +(.+)$/i;

/** What a request brings. A key that is sent counts before a cookie, which the browser adds without being asked. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  const [, key] = BEARER.exec(headers.authorization?.trim() ?? '') ?? [];
  // Node reads headers as Latin-1; a key is the bytes that were sent.
  if (key !== undefined) return { kind: 'key', key: Buffer.from(key, 'latin1') };
  const token = sessionIn(headers.cookie);
  // Whatever the browser thinks of SameSite: a page of another site is nobody.
  return token === undefined || !fromOwnPages(headers) ? { kind: 'none' } : { kind: 'session', token };
}

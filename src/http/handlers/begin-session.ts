import { sessionCookie } from '../access/session-cookie.ts';
import { refused } from '../refusals.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';
import { sessionView } from './show-session.ts';

/** Exchanges a key for a cookie. */
export async function beginSession(
  { body, secure, mount }: RouteRequest<unknown, unknown, { key: string }>,
  { access }: Services,
): Promise<Reply> {
  const login = await access.login(body.key);
  if (!login) throw refused('INVALID_KEY', 'There is no such key');
  const { principal, session } = login;
  const cookie = session && sessionCookie({ token: session.token, maxAgeMs: session.lastsMs, secure, mount });
  return { status: 200, body: sessionView(principal), ...(cookie ? { headers: { 'set-cookie': cookie } } : {}) };
}

import { sessionCookie } from '../access/session-cookie.ts';
import { HttpError, type Reply, type RouteRequest, type Services } from '../route.ts';
import { sessionView } from './show-session.ts';

/** Exchanges a key for a cookie. */
export async function beginSession(
  { body, secure, mount }: RouteRequest<unknown, unknown, { key: string }>,
  { access }: Services,
): Promise<Reply> {
  const login = await access.login(body.key);
  if (!login) throw new HttpError(401, 'INVALID_KEY', 'There is no such key');
  const { principal, session } = login;
  const cookie = session && sessionCookie({ token: session.token, maxAgeMs: session.lastsMs, secure, mount });
  return { status: 200, body: sessionView(principal), ...(cookie ? { headers: { 'set-cookie': cookie } } : {}) };
}

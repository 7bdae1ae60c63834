import { parseCookie, stringifySetCookie } from 'cookie';

export const SESSION_COOKIE = 'backstep_session';

/** The session's token in a `Cookie` header. */
export function sessionIn(cookies: string | undefined): string | undefined {
  return cookies === undefined ? undefined : parseCookie(cookies)[SESSION_COOKIE];
}

export interface SessionCookie {
  /** Where the router is mounted: no other path of the host gets the cookie. */
  readonly mount: string;
  readonly token: string;
  readonly maxAgeMs: number;
  /** Over HTTPS: the browser is not to send it over anything else. */
  readonly secure: boolean;
}

/** A `Set-Cookie` header. No script reads the cookie, and no page of another site makes a browser send it. */
export function sessionCookie({ mount, token, maxAgeMs, secure }: SessionCookie): string {
  const maxAge = Math.floor(maxAgeMs / 1_000);
  return stringifySetCookie({
    name: SESSION_COOKIE,
    value: token,
    path: mount === '' ? '/' : mount,
    httpOnly: true,
    sameSite: 'strict',
    maxAge,
    secure,
  });
}

/** A `Set-Cookie` header that takes the cookie back. */
export function noSessionCookie(where: Pick<SessionCookie, 'mount' | 'secure'>): string {
  return sessionCookie({ ...where, token: '', maxAgeMs: 0 });
}

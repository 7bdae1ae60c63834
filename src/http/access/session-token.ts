import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a session's cookie says. The role is not in it: the configuration has the last word on what a key may do. */
export interface SessionClaims {
  readonly sessionId: string;
  readonly keyId: string;
  /** In whole seconds: the token has no more. */
  readonly expiresAtMs: number;
}

const CLAIMS = /^([\w-]{1,40})\.([\da-f]{32})\.([\da-z]{1,10})$/;
/** What is signed begins with it, so that a signature of something else by the same secret is none of a session. */
const PURPOSE = 'backstep session 1\n';

/** The claims and their HMAC-SHA256 as one text, fit for a cookie. */
export function signSession(secret: string, { sessionId, keyId, expiresAtMs }: SessionClaims): string {
  const claims = `${sessionId}.${keyId}.${Math.floor(expiresAtMs / 1_000).toString(36)}`;
  return `${claims}.${macOf(secret, claims)}`;
}

/** The claims of a token that was signed by this secret and has not expired; undefined for any other text. */
export function readSession(secret: string, token: string, nowMs: number): SessionClaims | undefined {
  const end = token.lastIndexOf('.');
  const claims = token.slice(0, Math.max(end, 0));
  if (!sameText(token.slice(end + 1), macOf(secret, claims))) return undefined;
  const [, sessionId, keyId, seconds] = CLAIMS.exec(claims) ?? [];
  if (sessionId === undefined || keyId === undefined || seconds === undefined) return undefined;
  const expiresAtMs = Number.parseInt(seconds, 36) * 1_000;
  return nowMs < expiresAtMs ? { sessionId, keyId, expiresAtMs } : undefined;
}

function macOf(secret: string, claims: string): string {
  return createHmac('sha256', secret)
    .update(PURPOSE + claims)
    .digest('base64url');
}

/** Compares the texts, not what they decode to: base64 has several texts for the same bytes. */
function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

import { createHmac, timingSafeEqual } from 'node:crypto';

const SIGNATURE = /^t=(\d{1,12}),v1=([\da-f]{64})$/;

/** `t=<seconds since 1970>,v1=<HMAC-SHA-256 of "t.body" in hexadecimal digits>`: the time is signed, so that an old request is
 *  no new one. */
export function signatureOf(secret: string, body: string | Buffer, atMs: number): string {
  const seconds = Math.floor(atMs / 1_000);
  return `t=${seconds},v1=${digest(secret, seconds, body).toString('hex')}`;
}

export interface SignedBody {
  readonly secret: string;
  /** As it came: parsed and written again it is another text. */
  readonly body: string | Buffer;
  readonly signature: string;
}

/** Whether the body was signed with the secret, at most `toleranceMs` before or after `nowMs`. */
export function isSigned({ secret, body, signature }: SignedBody, toleranceMs: number, nowMs: number): boolean {
  const [, seconds, hex] = SIGNATURE.exec(signature) ?? [];
  if (seconds === undefined || hex === undefined) return false;
  const isFresh = Math.abs(nowMs - Number(seconds) * 1_000) <= toleranceMs;
  return timingSafeEqual(digest(secret, Number(seconds), body), Buffer.from(hex, 'hex')) && isFresh;
}

function digest(secret: string, seconds: number, body: string | Buffer): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}

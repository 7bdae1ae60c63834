import type { Notice } from './core/notice.ts';
import { isSigned } from './core/signature.ts';

export interface WebhookRequest {
  /** The request's body as it came, before anything has parsed it. */
  readonly body: string | Buffer;
  /** The header `Backstep-Signature`. */
  readonly signature: string | undefined;
  /** The `WEBHOOK_SECRET` of the sender. */
  readonly secret: string;
  /** How old a request may be, in milliseconds, and how far the clocks may differ. Default 300_000. */
  readonly toleranceMs?: number;
}

const TOLERANCE_MS = 5 * 60_000;

/**
 * For whoever receives webhooks: the notice of a request, or undefined where it is not from Backstep, was changed on its
 * way, or is too old. A notice may come more than once, with the same `id`.
 */
export function verifyWebhook(request: WebhookRequest): Notice | undefined {
  const { body, signature, secret, toleranceMs = TOLERANCE_MS } = request;
  if (signature === undefined || !isSigned({ secret, body, signature }, toleranceMs, Date.now())) return undefined;
  return JSON.parse(body.toString()) as Notice;
}

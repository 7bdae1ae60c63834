import { noSessionCookie } from '../access/session-cookie.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

/** Ends the session of whoever asks, so that its cookie is worth nothing, wherever it was copied to. */
export async function endSession({ principal, secure, mount }: RouteRequest, { access }: Services): Promise<Reply> {
  if (principal) await access.logout(principal);
  return { status: 204, headers: { 'set-cookie': noSessionCookie({ secure, mount }) } };
}

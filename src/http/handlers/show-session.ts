import type { ApiRole } from '../../api-keys.ts';
import type { Principal } from '../access/principal.ts';
import type { Reply, RouteRequest } from '../route.ts';

export interface SessionView {
  readonly name: string;
  readonly role: ApiRole;
  readonly kind: Principal['kind'];
  readonly expiresAt: string | null;
}

/** Who asks, as the API shows it. */
export function sessionView(principal: Principal): SessionView {
  const { name, role, kind } = principal;
  const expiresAt = principal.kind === 'session' ? new Date(principal.expiresAtMs).toISOString() : null;
  return { name, role, kind, expiresAt };
}

export function showSession({ principal }: RouteRequest): Promise<Reply> {
  if (!principal) throw new Error('A public route does not know who asks');
  return Promise.resolve({ status: 200, body: sessionView(principal) });
}

import type { ServerResponse } from 'node:http';
import { type ApiRole, ROLES } from '../../api-keys.ts';

/** Who asks. Where no keys are configured, everybody is the same one, who may do everything. */
export type Principal =
  | { readonly kind: 'open'; readonly name: string; readonly role: ApiRole }
  /** Known by the application that the router is mounted in. */
  | { readonly kind: 'application'; readonly name: string; readonly role: ApiRole }
  | { readonly kind: 'key'; readonly name: string; readonly role: ApiRole; readonly keyId: string }
  | {
      readonly kind: 'session';
      readonly name: string;
      readonly role: ApiRole;
      readonly keyId: string;
      readonly sessionId: string;
      readonly expiresAtMs: number;
    };

export const ANONYMOUS = 'anonymous';

/** Everybody, where no keys are configured. */
export const EVERYBODY: Principal = { kind: 'open', name: ANONYMOUS, role: 'operator' };

/** Whether a role may do what another one is needed for. */
export const suffices = (had: ApiRole, needed: ApiRole): boolean => ROLES.indexOf(had) >= ROLES.indexOf(needed);

/** Not in `response.locals`, which an application shares with us. */
const principals = new WeakMap<ServerResponse, Principal>();

/** Who asks, once a guard has found out; undefined on public routes. */
export function principalOf(response: ServerResponse): Principal | undefined {
  return principals.get(response);
}

export function rememberPrincipal(response: ServerResponse, principal: Principal): void {
  principals.set(response, principal);
}

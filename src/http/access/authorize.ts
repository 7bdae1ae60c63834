import type { IncomingMessage } from 'node:http';
import { type ApiRole, ROLES } from '../../api-keys.ts';
import type { Principal } from './principal.ts';

export interface Authorized {
  /** Who acts, for the audit: 1 to 200 characters. */
  readonly actor: string;
  readonly role: ApiRole;
}

/**
 * Whom the application knows that a request comes from. It gets the request as the application's own middleware has left it, with
 * `request.user` or whatever that adds. Null: nobody whom Backstep may answer.
 */
export type Authorize<R extends IncomingMessage = IncomingMessage> = (
  request: R,
) => Authorized | null | Promise<Authorized | null>;

const ACTOR_LIMIT = 200;

/** Throws a `TypeError` for an answer that is none: in doubt nobody is let in. */
export async function authorized(authorize: Authorize, request: IncomingMessage): Promise<Principal | undefined> {
  const known = await authorize(request);
  if (!known) return undefined;
  const { actor, role } = known;
  if (ROLES.includes(role) && typeof actor === 'string' && actor !== '' && actor.length <= ACTOR_LIMIT)
    return { kind: 'application', name: actor, role };
  const got = JSON.stringify({ actor, role });
  throw new TypeError(`authorize: expected { actor, role } with the role ${ROLES.join(', ')}, got ${got}`);
}

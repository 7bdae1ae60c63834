import type { Request } from 'express';
import type { Role } from '../route.ts';

/** Who asks, and what he may do. */
export interface Principal {
  readonly name: string;
  readonly role: Exclude<Role, 'public'>;
}

const ANYBODY: Principal = { name: 'anonymous', role: 'operator' };

/** Who the guard before the dashboard says it is. Nobody is named where no keys are configured. */
export function principalOf(request: Request & { readonly principal?: Principal }): Principal {
  return request.principal ?? ANYBODY;
}

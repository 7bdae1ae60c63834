import type { Request } from 'express';

const mounts = new WeakMap<Request, string>();

/** Remembers where the router is mounted. Called first, while `baseUrl` is that place. */
export function rememberMount(request: Request): void {
  // Two slashes at its beginning would make a link of it lead to another host.
  mounts.set(request, request.baseUrl.replace(/^\/{2,}/, '/').replace(/\/+$/, ''));
}

/** Where the router is mounted, such as `/backstep`; empty at the root. Every link to a page or a route begins with it. */
export const mountOf = (request: Request): string => mounts.get(request) ?? '';

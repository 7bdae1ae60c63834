import type { Request, RequestHandler, Response } from 'express';
import type { ApiRole } from '../../api-keys.ts';
import { CONSOLE_PATH } from '../console.ts';
import { isAddress } from '../guards.ts';
import { mountOf } from '../mount.ts';
import { refused } from '../refusals.ts';
import type { HttpError, Role } from '../route.ts';
import type { Access } from './access.ts';
import { authorized, type Authorize } from './authorize.ts';
import { credentialsOf } from './credentials.ts';
import type { Limits } from './limits.ts';
import { type Principal, principalOf, rememberPrincipal, suffices } from './principal.ts';

const LOGIN_PATH = `${CONSOLE_PATH}/login`;
/** Below `CONSOLE_PATH`: what the login page needs before anybody has logged in. */
const PUBLIC_PAGES = /^\/(?:login\/?|assets\/.*)$/i;
const OF_BACKSTEP = 'Send a key as Authorization: Bearer KEY, or log in at POST /api/session';
const OF_THE_APPLICATION = 'Log in to the application that this is a part of';
const READS: readonly string[] = ['GET', 'HEAD'];

/** What stands before everything that is not public. Each finds out who asks, and remembers it: see `principalOf`. */
export interface Guards {
  /** Before a row of the route table. */
  forRole(role: Role): RequestHandler[];
  /** Before Bull Board: whoever may look sees it, and only an operator writes. */
  readonly board: RequestHandler[];
  /** Before the console, but for its login page and its assets. */
  readonly console: RequestHandler[];
}

/** @param authorize In place of keys and sessions: whom the application knows. */
export function createGuards(access: Access, limits: Limits, authorize?: Authorize): Guards {
  const identify: RequestHandler = async (request, response, next) => {
    const principal = authorize
      ? await authorized(authorize, request)
      : await identified(access, limits, request, response);
    if (principal?.kind === 'open') requireAddress(request);
    if (principal !== undefined) rememberPrincipal(response, principal);
    next();
  };
  const requireRole = roleGuard(authorize ? OF_THE_APPLICATION : OF_BACKSTEP);
  const pages = (roleOf: (request: Request) => ApiRole): RequestHandler[] => [
    identify,
    // The application's login is where only the application knows.
    ...(authorize ? [] : [sendToLogin]),
    limits.perKey,
    requireRole(roleOf),
  ];
  return {
    forRole: (role) => (role === 'public' ? [] : [identify, limits.perKey, requireRole(() => role)]),
    board: pages(({ method }) => (READS.includes(method) ? 'viewer' : 'operator')),
    console: pages(() => 'viewer').map((guard) => exceptPublicPages(guard)),
  };
}

async function identified(
  access: Access,
  limits: Limits,
  request: Request,
  response: Response,
): Promise<Principal | undefined> {
  const credentials = credentialsOf(request.headers);
  // Only keys are counted. A session's signature cannot be guessed, but an old one is sent by every tab left open.
  if (credentials.kind !== 'key') return access.identify(credentials);
  await limits.refuseGuesser(request);
  const principal = await access.identify(credentials);
  if (principal === undefined) await limits.countFailure(request, response);
  return principal;
}

/** @param login What to do, for who is not known. */
const roleGuard =
  (login: string) =>
  (roleOf: (request: Request) => ApiRole): RequestHandler => {
    return (request, response, next) => {
      const principal = principalOf(response);
      if (principal === undefined) throw unauthenticated(login);
      const needed = roleOf(request);
      if (suffices(principal.role, needed)) return next();
      const { name, role } = principal;
      throw refused('FORBIDDEN', `This takes the role ${needed}; ${name} has the role ${role}`);
    };
  };

/** Without keys it is the network that keeps others out, and a browser can be led around that. */
function requireAddress({ headers }: Request): void {
  if (isAddress(headers.host)) return;
  const detail = `Without API_KEYS only an address or localhost is answered, not ${headers.host}`;
  throw refused('FOREIGN_HOST', detail);
}

function unauthenticated(detail: string): HttpError {
  return refused('UNAUTHENTICATED', detail, { headers: { 'www-authenticate': 'Bearer' } });
}

/** A person with a browser is shown where to log in, and comes back from there; a program is told 401. */
const sendToLogin: RequestHandler = (request, response, next) => {
  const asksForPage = READS.includes(request.method) && (request.headers.accept ?? '').includes('text/html');
  if (principalOf(response) !== undefined || !asksForPage) return next();
  const { pathname, search } = new URL(request.originalUrl, 'http://here');
  response
    .set('cache-control', 'no-store')
    .redirect(302, `${mountOf(request)}${LOGIN_PATH}?next=${encodeURIComponent(pathname + search)}`);
};

function exceptPublicPages(guard: RequestHandler): RequestHandler {
  return (request, response, next) => (PUBLIC_PAGES.test(request.path) ? next() : guard(request, response, next));
}

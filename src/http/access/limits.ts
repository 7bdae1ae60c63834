import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, type Options, rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import { refused } from '../refusals.ts';
import type { HttpError } from '../route.ts';
import { principalOf } from './principal.ts';

const WINDOW_MS = 60_000;
const LOGINS = 10;
const FAILURES = 60;

/** Requests a minute, counted in the memory of this process: another process counts for itself. */
export interface Limits {
  /** Requests of one key, its sessions included. Nobody's are not counted. */
  readonly perKey: RequestHandler;
  /** Logins from one address that fail. */
  readonly logins: RequestHandler;
  /** Throws where too many wrong keys came from the request's address. */
  refuseGuesser(request: Request): Promise<void>;
  /** Counts a wrong key. Throws where it is one too many. */
  countFailure(request: Request, response: Response): Promise<void>;
}

/** `perMinute`: of one key; 0 is no limit. */
export function createLimits(perMinute: number): Limits {
  const wrongKeys = `More than ${FAILURES} wrong keys in a minute`;
  const failures = limiter('failures', FAILURES, wrongKeys, { keyGenerator: byAddress });
  return {
    perKey: perMinute === 0 ? (_request, _response, next) => next() : keyLimiter(perMinute),
    logins: limiter('logins', LOGINS, `More than ${LOGINS} failed logins in a minute`, {
      keyGenerator: byAddress,
      skipSuccessfulRequests: true,
    }),
    refuseGuesser: async (request) => {
      const window = await failures.getKey(byAddress(request));
      if (window && window.totalHits >= FAILURES) throw tooMany(wrongKeys, window);
    },
    countFailure: (request, response) =>
      new Promise((resolve, reject) => {
        const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        void failures(request, response, done);
      }),
  };
}

function keyLimiter(limit: number): RequestHandler {
  const keyOf = (_request: Request, response: Response) => {
    const principal = principalOf(response);
    return principal !== undefined && 'keyId' in principal ? principal.keyId : '';
  };
  const counted = limiter('key', limit, `More than ${limit} requests in a minute`, { keyGenerator: keyOf });
  return (request, response, next) => (keyOf(request, response) === '' ? next() : counted(request, response, next));
}

function limiter(
  identifier: string,
  limit: number,
  message: string,
  options: Pick<Options, 'keyGenerator'> & Partial<Pick<Options, 'skipSuccessfulRequests'>>,
): RateLimitRequestHandler {
  return rateLimit({
    ...options,
    identifier,
    limit,
    windowMs: WINDOW_MS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (request, _response, next) => next(tooMany(message, windowOf(request))),
  });
}

interface Window {
  readonly resetTime: Date | undefined;
}

const windowOf = (request: Request) => (request as Request & { rateLimit?: Window }).rateLimit;

function tooMany(message: string, window: Window | undefined): HttpError {
  const endsAtMs = window?.resetTime?.getTime() ?? Date.now() + WINDOW_MS;
  const seconds = Math.max(1, Math.ceil((endsAtMs - Date.now()) / 1_000));
  return refused('TOO_MANY_REQUESTS', `${message}: try again in ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  });
}

/** Of IPv6 the network: who has one address there has very many. */
const byAddress = (request: Request): string => ipKeyGenerator(request.ip ?? '');

/** What an application mounts: `import { backstepRouter } from 'backstep/http'`. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import type { Bounds } from '../autoscaling/policy.ts';
import { KEYS_EXPECTED, parseApiKey } from '../api-keys.ts';
import type { Log, PlainLog } from '../core/log.ts';
import { logOf } from '../core/log.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { Runner } from '../runner/interface.ts';
import type { Authorize } from './access/authorize.ts';
import { type AppOptions, createApp } from './app.ts';
import { CLOSING } from './event-stream.ts';
import type { Route } from './route.ts';

export type { Authorize, Authorized } from './access/authorize.ts';
export type { ApiRole } from '../api-keys.ts';

/** Exactly one of `authorize`, `apiKeys` and `open` says who may do what. */
export interface RouterOptions<R extends IncomingMessage = IncomingMessage> {
  /** The application's own login. Is asked at every request but for public ones; what it throws is a 500. */
  readonly authorize?: Authorize<R>;
  /** Keys of Backstep's own, each as an entry of `API_KEYS`: `key:role:name`, or `sha256:HASH:role:name`. */
  readonly apiKeys?: readonly string[];
  /** Everybody may do everything: only where nobody else reaches it. */
  readonly open?: true;
  /** Signs the sessions of browsers that log in with a key, at least 32 characters. Default: one of this process. */
  readonly sessionSecret?: string;
  /** How long a session lasts, in hours. Default 12. */
  readonly sessionHours?: number;
  /** Requests a minute of one key; 0 is no limit. Default 60_000. */
  readonly rateLimitPerMinute?: number;
  /** Routes of the application's own, with Backstep's guards. Default: none. */
  readonly routes?: readonly Route[];
  /** What `GET /metrics` answers: `createExposition(…)`. Default: 404. */
  readonly metrics?: Exposition;
  /** What a cluster's workers are, for `GET /api/admin/autoscaling`. Default 1 to 8 workers of 50 slots. */
  readonly scaling?: Bounds;
  /** The most a body may be, inflated, in bytes. Default 262_144. What the application's own parsers have read is theirs to limit. */
  readonly bodyLimitBytes?: number;
  /** How many proxies stand before it, whose `X-Forwarded-For` and `-Proto` are believed. Default 0. */
  readonly trustProxy?: number;
  /** One line a request, and the error of each 500. Default: nothing is logged. */
  readonly log?: Log | PlainLog;
}

/** As Express, Nest on Express, and Connect mount it. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * The HTTP API, the console, Bull Board, metrics and `openapi.json`, to be mounted at any path: `app.use('/backstep', backstepRouter(…))`.
 * It answers every request below that path, and touches no other. Throws a `TypeError` where it is not said who may do what.
 */
export function backstepRouter<R extends IncomingMessage = IncomingMessage>(
  runner: Runner,
  options: RouterOptions<R>,
): Middleware {
  const { log, authorize: _authorize, apiKeys: _keys, open: _open, ...rest } = options;
  const app = createApp({ ...rest, ...accessOf(runner, options), runner, log: logOf(log) });
  // Not as an application of Express' own kind: it would take over settings of the one around it, whose version may be another.
  return (request, response, next) => app(request as Request, response as Response, next);
}

/** Ends the streams of a server that is about to close, for which `server.close()` would wait. */
export function endStreams(server: Server): void {
  server.emit(CLOSING);
}

function accessOf<R extends IncomingMessage>(
  runner: Runner,
  options: RouterOptions<R>,
): Pick<AppOptions, 'access' | 'authorize'> {
  const { authorize, apiKeys, open, sessionSecret, sessionHours, rateLimitPerMinute } = options;
  const given = [authorize, apiKeys, open].filter((way) => way !== undefined);
  if (given.length !== 1)
    throw new TypeError(`backstepRouter: expected one of authorize, apiKeys and open, got ${given.length}`);
  if (sessionSecret !== undefined && sessionSecret.length < 32)
    throw new TypeError(
      `backstepRouter: expected a sessionSecret of at least 32 characters, got ${sessionSecret.length}`,
    );
  // The request that comes in is the application's.
  if (authorize) return { authorize: (request) => authorize(request as R) };
  const limits = {
    ...(sessionHours === undefined ? {} : { sessionHours }),
    ...(rateLimitPerMinute === undefined ? {} : { rateLimitPerMinute }),
  };
  return { access: { apiKeys: keysOf(apiKeys), sessions: runner.sessions, sessionSecret, ...limits } };
}

function keysOf(entries: readonly string[] | undefined) {
  const keys = (entries ?? []).map(parseApiKey).filter((key) => key !== undefined);
  if (entries === undefined || (keys.length === entries.length && keys.length > 0)) return keys;
  throw new TypeError(`backstepRouter: expected apiKeys to be ${KEYS_EXPECTED}`);
}

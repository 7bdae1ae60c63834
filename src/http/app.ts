import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Log } from '../core/log.ts';
import type { Bounds } from '../autoscaling/policy.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { Runner } from '../runner/interface.ts';
import { type Access, type AccessOptions, createAccess, foreignAccess, openAccess } from './access/access.ts';
import type { Authorize } from './access/authorize.ts';
import { createGuards, type Guards } from './access/guards.ts';
import { createLimits } from './access/limits.ts';
import { expressHandler } from './adapter.ts';
import { BOARD_PATH, bullBoard } from './bull-board.ts';
import { CONSOLE_PATH, consolePages } from './console.ts';
import { createDesk } from './desk.ts';
import { eventSender } from './event-stream.ts';
import { createFeeds } from './feeds.ts';
import { refuseCrossSiteWrites, refuseMalformedUrls, refuseMissingHost } from './guards.ts';
import { bodyReader } from './json-body.ts';
import { rememberMount } from './mount.ts';
import { openApiDocument } from './openapi.ts';
import { PROBLEM_TYPE, toProblem } from './problem.ts';
import { noteError, requestLog } from './request-log.ts';
import { refused } from './refusals.ts';
import type { Route, Services } from './route.ts';
import { ROUTES } from './routes.ts';
import { SESSION_PATH } from './routes/session.ts';
import { securityHeaders } from './security-headers.ts';

export interface AppOptions {
  readonly runner: Runner;
  /** Routes of saga modules, added to the library's own. */
  readonly routes?: readonly Route[];
  readonly log: Log;
  /** What `GET /metrics` answers. Not given: 404. */
  readonly metrics?: Exposition;
  /** The most a body may be, inflated, in bytes. Default 262_144. */
  readonly bodyLimitBytes?: number;
  /** What a cluster's workers are, for `GET /api/admin/autoscaling`. Default 1 to 8 workers of 50 slots. */
  readonly scaling?: Bounds;
  /** Who may do what. Default: everybody everything. */
  readonly access?: AccessOptions;
  /** In place of keys: whom the application around it knows. */
  readonly authorize?: Authorize;
  /** How many proxies stand before it, whose `X-Forwarded-For` and `-Proto` are believed. Default 0. */
  readonly trustProxy?: number;
}

const SCALING: Bounds = { min: 1, max: 8, slotsPerWorker: 50 };
const KEY_LIMIT = 60_000;

/** The HTTP API, the console and Bull Board. Throws when two routes are the same. */
export function createApp(options: AppOptions): Express {
  const { runner, routes = [], log, metrics, bodyLimitBytes = 262_144, scaling = SCALING } = options;
  const table = [...ROUTES, ...routes];
  checkTable(table);
  const access = accessOf(options);
  const limits = createLimits(options.access?.rateLimitPerMinute ?? KEY_LIMIT);
  const guards = createGuards(access, limits, options.authorize);
  const app = express();
  app
    .disable('x-powered-by')
    .set('etag', false)
    .set('trust proxy', options.trustProxy ?? 0);
  app.use((request, _response, next) => {
    rememberMount(request);
    next();
  });
  app.use(requestLog(log), securityHeaders(), refuseMissingHost, refuseMalformedUrls, refuseCrossSiteWrites);
  app.post(SESSION_PATH, limits.logins);
  const live = { feeds: createFeeds(runner), desk: createDesk(runner) };
  const services = { runner, access, metrics, scaling, ...live, openApi: openApiDocument(table) };
  mountRoutes(app, table, services, bodyLimitBytes, guards);
  app.use(BOARD_PATH, guards.board, bullBoard(runner));
  app.use(CONSOLE_PATH, guards.console, consolePages());
  app.use(refuseUnknownRoutes, answerError);
  return app;
}

function accessOf({ access, authorize }: AppOptions): Access {
  if (authorize) return foreignAccess();
  return access === undefined ? openAccess() : createAccess(access);
}

function mountRoutes(
  app: Express,
  table: readonly Route[],
  services: Services,
  bodyLimitBytes: number,
  guards: Guards,
): void {
  const readBody = bodyReader(bodyLimitBytes);
  const sendEvents = eventSender();
  for (const route of table)
    app[route.method](route.path, guards.forRole(route.role), expressHandler(route, services, readBody, sendEvents));
  for (const [path, methods] of methodsByShape(table)) app.all(path, refuseMethod(methods));
}

/** Two routes may name the parameters of one path differently, so paths are compared without the names. */
const shapeOf = (path: string) => path.replaceAll(/:\w+/g, ':x');

function checkTable(table: readonly Route[]): void {
  const seen = new Set<string>();
  for (const { method, path } of table) {
    const key = `${method.toUpperCase()} ${shapeOf(path)}`;
    if (seen.has(key)) throw new Error(`Two routes answer ${method.toUpperCase()} ${path}`);
    seen.add(key);
  }
}

function methodsByShape(table: readonly Route[]): Map<string, string[]> {
  const shapes = new Map<string, string[]>();
  for (const { method, path } of table) {
    const methods = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
    shapes.set(shapeOf(path), [...(shapes.get(shapeOf(path)) ?? []), ...methods]);
  }
  return shapes;
}

function refuseMethod(methods: readonly string[]): RequestHandler {
  const allow = methods.join(', ');
  return ({ method, path }) => {
    throw refused('METHOD_NOT_ALLOWED', `${path} does not take ${method}, only ${allow}`, {
      headers: { allow },
    });
  };
}

const refuseUnknownRoutes: RequestHandler = ({ method, path }) => {
  throw refused('UNKNOWN_ROUTE', `There is no ${method} ${path}`);
};

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const { status, headers, body } = toProblem(error);
  // The request log has the error of a 5xx in its line.
  if (status >= 500) noteError(response, error);
  if (response.headersSent) return next(error);
  response.status(status).set({ 'cache-control': 'no-store', ...headers });
  response.type(PROBLEM_TYPE).send(JSON.stringify(body));
};

import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Log } from '../core/log.ts';
import { principalOf } from './access/principal.ts';

/** What a caller's own request id may look like; another one is not taken over. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

const UNLOGGED: readonly string[] = ['/healthz', '/readyz', '/metrics'];

/** Parameters that somebody may put a credential into, although none is read from there. */
const SECRET_PARAMETER = /([?&][\w-]*(?:key|token|secret|password)=)[^&#]*/gi;

const logs = new WeakMap<Request, Log>();
const errors = new WeakMap<Response, Error>();

/** The log of a request: its lines have the request's id. */
export function requestLogOf(request: Request): Log {
  const log = logs.get(request);
  if (log === undefined) throw new Error('The request has not been through the request log');
  return log;
}

/** Notes what a 5xx was for: it is in the request's line. */
export function noteError(response: Response, error: unknown): void {
  errors.set(response, error instanceof Error ? error : new Error(`Thrown: ${String(error)}`));
}

/**
 * One line a request, with its id and who sent it; the error of a 500 is in it. No headers but `user-agent` are logged, so
 * that no credential is. Health checks and scrapes are not logged, and what the dashboard polls is logged as `debug`.
 */
export function requestLog(log: Log): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { path } = request;
    const requestId = idOf(request);
    response.setHeader('x-request-id', requestId);
    logs.set(request, log.child({ requestId }));
    // A client that has gone closes it without an end.
    response.once('close', () => {
      if (!UNLOGGED.includes(path)) writeLine(log, { request, response, path, requestId, startedAt });
    });
    next();
  };
}

interface Ended {
  readonly request: Request;
  readonly response: Response;
  /** Below the mount. */
  readonly path: string;
  readonly requestId: string;
  readonly startedAt: number;
}

function writeLine(log: Log, { request, response, path, requestId, startedAt }: Ended): void {
  const error = errors.get(response);
  const actor = principalOf(response)?.name;
  const fields = {
    req: {
      id: requestId,
      method: request.method,
      url: request.originalUrl.replaceAll(SECRET_PARAMETER, '$1[redacted]'),
      userAgent: request.headers['user-agent'],
    },
    requestId,
    ...(actor === undefined ? {} : { actor }),
    res: { status: response.statusCode },
    ...(error === undefined ? {} : { err: error }),
    durationMs: Math.round(performance.now() - startedAt),
  };
  const ending = response.writableFinished ? (error === undefined ? 'completed' : 'errored') : 'aborted';
  log[levelOf(request, response, path)](fields, `request ${ending}`);
}

function levelOf({ method }: Request, response: Response, path: string): 'error' | 'warn' | 'info' | 'debug' {
  const { statusCode } = response;
  if (statusCode === 500) return 'error';
  if (errors.has(response) || statusCode > 500) return 'warn';
  return method === 'GET' && path.startsWith('/admin/queues/') ? 'debug' : 'info';
}

function idOf({ headers }: Request): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { pinoHttp, type Options } from 'pino-http';
import { principalOf } from './access/principal.ts';

/** What a caller's own request id may look like; another one is not taken over. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

const UNLOGGED: readonly string[] = ['/healthz', '/readyz', '/metrics'];

const levelOf: Options<Request, Response>['customLogLevel'] = (request, { statusCode }, error) => {
  if (statusCode === 500) return 'error';
  if (error !== undefined || statusCode > 500) return 'warn';
  return request.method === 'GET' && request.originalUrl.startsWith('/admin/queues/') ? 'debug' : 'info';
};

/** Parameters that somebody may put a credential into, although none is read from there. */
const SECRET_PARAMETER = /([?&][\w-]*(?:key|token|secret|password)=)[^&#]*/gi;

/**
 * One line a request, with its id and who sent it; the error of a 500 is in it. No headers but `user-agent` are logged, so
 * that no credential is. Health checks and scrapes are not logged, and what the dashboard polls is logged as `debug`.
 */
export function requestLog(log: Logger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger: log,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
      response.setHeader('x-request-id', id);
      return id;
    },
    autoLogging: { ignore: (request) => UNLOGGED.includes(pathOf(request.url)) },
    customLogLevel: levelOf,
    customProps: (_request, response) => {
      const principal = principalOf(response);
      return principal === undefined ? {} : { actor: principal.name };
    },
    serializers: {
      req: (request: { id: string; method: string; url: string; headers: Record<string, string> }) => ({
        id: request.id,
        method: request.method,
        url: request.url.replaceAll(SECRET_PARAMETER, '$1[redacted]'),
        userAgent: request.headers['user-agent'],
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
    },
  });
}

const pathOf = (url: string | undefined) => url?.split('?', 1)[0] ?? '';

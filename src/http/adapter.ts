import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { ANONYMOUS, principalOf } from './access/principal.ts';
import type { SendEvents } from './event-stream.ts';
import type { ReadBody } from './json-body.ts';
import { issuesOf } from '../core/issues.ts';
import { mountOf } from './mount.ts';
import { invalidRequest } from './problem.ts';
import { requestLogOf } from './request-log.ts';
import type { Reply, RequestIssue, Route, RouteRequest, Services } from './route.ts';

type Headers = RouteRequest['headers'];

/** Puts a route into Express: parse, call the handler, send its reply. Who may ask was found out before. */
export function expressHandler(
  route: Route,
  services: Services,
  readBody: ReadBody,
  sendEvents: SendEvents,
): RequestHandler {
  return async (request, response) => {
    const parsed = await parseRequest(route, request, response, readBody);
    const reply = await handle(route, parsed, services);
    if (reply.stream) await sendEvents(request, response, reply.stream);
    else send(response, reply, parsed.mount);
  };
}

/** What changes something is traced, from the caller's trace on where it sends one. */
async function handle(route: Route, request: RouteRequest, services: Services): Promise<Reply> {
  if (route.method !== 'post') return route.handler(request, services);
  const name = `POST ${route.path}`;
  return services.runner.traced(name, request.headers['traceparent'], async () => route.handler(request, services));
}

async function parseRequest(
  route: Route,
  request: Request,
  response: Response,
  readBody: ReadBody,
): Promise<RouteRequest> {
  const headers = flatHeaders(request);
  const principal = principalOf(response);
  const body = route.body === undefined ? undefined : await readBody(request, response);
  const issues: RequestIssue[] = [];
  const parsed = {
    params: part('path', route.params, request.params, issues),
    query: part('query', route.query, request.query, issues),
    body: part('body', route.body, body, issues),
    headers,
    actor: principal?.name ?? ANONYMOUS,
    principal,
    secure: request.secure,
    mount: mountOf(request),
    log: requestLogOf(request),
  };
  part('header', route.headers, headers, issues);
  if (issues.length > 0) throw invalidRequest(issues);
  return parsed;
}

function part(
  place: RequestIssue['in'],
  schema: z.ZodType | undefined,
  value: unknown,
  issues: RequestIssue[],
): unknown {
  if (schema === undefined) return value;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  issues.push(...issuesOf(result.error).map((issue) => ({ in: place, ...issue })));
  return undefined;
}

function flatHeaders(request: Request): Headers {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** A `location` of a reply is a path of the route table: the client is told where that is. */
function send(response: Response, { status, body, headers }: Reply, mount: string): void {
  response.status(status).set('cache-control', 'no-store');
  if (headers !== undefined) response.set(headers);
  const location = headers?.['location'];
  if (location?.startsWith('/')) response.set('location', mount + location);
  if (body === undefined) response.end();
  else if (typeof body === 'string' && headers?.['content-type'] !== undefined) response.send(body);
  else response.json(body);
}

import { STATUS_CODES } from 'node:http';
import { PROBLEM_TYPE } from '../problem.ts';
import { refusalOf } from '../refusals.ts';
import type { Route, RouteResponse } from '../route.ts';
import { problemDocument, refusal } from '../views.ts';
import { headersOf } from './headers.ts';
import { jsonSchema, type Components, type Json } from './schemas.ts';

/** All that a route may answer: what its kind may, and what its handler does. */
export function responsesOf(route: Route, components: Components): Json {
  const all = { ...commonRefusals(route), ...route.responses };
  return Object.fromEntries(
    Object.entries(all).map(([status, response]) => [status, responseOf(route, Number(status), response, components)]),
  );
}

function commonRefusals(route: Route): Record<number, RouteResponse> {
  const { params, query, headers, body } = route;
  const parsed = [params, query, headers, body].some((schema) => schema !== undefined);
  const unread = body === undefined ? '' : ', MALFORMED_JSON or UNREADABLE_BODY';
  return {
    400: refusal(`MALFORMED_REQUEST, MALFORMED_URL${unread}`),
    ...accessRefusals(route),
    ...(body === undefined ? {} : { 413: refusal('BODY_TOO_LARGE'), 415: refusal('UNSUPPORTED_MEDIA_TYPE') }),
    ...(parsed ? { 422: refusal('INVALID_REQUEST') } : {}),
    500: refusal('INTERNAL_ERROR'),
    503: refusal('DATABASE_UNAVAILABLE; Retry-After says when to ask again'),
  };
}

function accessRefusals({ role, method }: Route): Record<number, RouteResponse> {
  const crossSite = method === 'get' ? [] : ['CROSS_SITE_REQUEST'];
  if (role === 'public') return crossSite.length === 0 ? {} : { 403: refusal('CROSS_SITE_REQUEST') };
  return {
    401: refusal('UNAUTHENTICATED'),
    403: refusal([...crossSite, 'FOREIGN_HOST', `FORBIDDEN: this takes the role ${role}`].join(' or ')),
    429: refusal('TOO_MANY_REQUESTS; Retry-After says when to ask again'),
  };
}

function responseOf(route: Route, status: number, response: RouteResponse, components: Components): Json {
  const { description, schema, type, headers = {} } = response;
  const isProblem = status >= 400 && (schema ?? problemDocument) === problemDocument;
  const head = { description, headers: headersOf(route, status, isProblem, headers) };
  if (isProblem) return { ...head, content: { [PROBLEM_TYPE]: problemContent(status, description, components) } };
  if (schema === undefined && type === undefined) return head;
  return { ...head, content: { [type ?? 'application/json']: contentOf(response, components) } };
}

function contentOf({ schema, example, events }: RouteResponse, components: Components): Json {
  const each = Object.entries(events ?? {}).map(([name, data]) => [name, jsonSchema(data, components)]);
  return {
    schema: schema === undefined ? { type: 'string' } : jsonSchema(schema, components),
    ...(example === undefined ? {} : { example }),
    ...(events === undefined ? {} : { 'x-events': Object.fromEntries(each) }),
  };
}

function problemContent(status: number, description: string, components: Components): Json {
  const examples: Json = {};
  for (const code of codesIn(description)) {
    components.examples[code] ??= problemExample(status, code, description);
    examples[code] = { $ref: `#/components/examples/${code}` };
  }
  return { schema: jsonSchema(problemDocument, components), examples };
}

/** The words of a description that are codes: those of the table, what it begins with, and whatever looks like one of a module's. */
function codesIn(description: string): readonly string[] {
  const words = [...description.matchAll(/\b[A-Z][A-Z_]{4,}\b/g)].map(([word]) => word);
  return words.filter((word) => word.includes('_') || description.startsWith(word) || refusalOf(word) !== undefined);
}

function problemExample(status: number, code: string, description: string): Json {
  const known = refusalOf(code);
  const { meaning, todo } = known ?? { meaning: description, todo: undefined };
  const title = STATUS_CODES[status] ?? 'Error';
  const value = { type: 'about:blank', title, status, detail: meaning, code, ...MORE[code] };
  return { summary: meaning, ...(todo === undefined ? {} : { description: todo }), value };
}

/** What documents of some codes have besides. */
const MORE: Readonly<Record<string, object>> = {
  INVALID_REQUEST: { errors: [{ in: 'body', pointer: '/reason', message: 'Invalid input: expected string' }] },
  INVALID_INPUT: { errors: [{ in: 'body', pointer: '/amount', message: 'Too small: expected number to be >0' }] },
  RESOLUTION_NOT_ALLOWED: { allowed: ['undone', 'abandon'] },
};

import { z } from 'zod';
import { SESSION_COOKIE } from './access/session-cookie.ts';
import { PROBLEM_TYPE } from './problem.ts';
import type { Route, RouteResponse } from './route.ts';
import { problemDocument, refusal } from './views.ts';

type Json = Record<string, unknown>;

/** The version of the HTTP API, not of the package: it changes when an answer does. */
const API_VERSION = '1.0.0';

/** Any of them, on routes that are not public. */
const SECURITY_SCHEMES = {
  key: { type: 'http', scheme: 'bearer', description: 'A key of API_KEYS' },
  session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'Set by POST /api/session' },
} as const;

/** OpenAPI 3.1 of a route table. Schemas with a `meta({ id })` become components of that name. */
export function openApiDocument(routes: readonly Route[]): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Backstep', version: API_VERSION, description: 'Sagas: steps forward, compensations in reverse.' },
    paths,
    components: { schemas: components, securitySchemes: SECURITY_SCHEMES },
  };
}

function operation(route: Route, components: Json): Json {
  const parameters = [
    ...parametersOf('path', route.params, components),
    ...parametersOf('query', route.query, components),
    ...parametersOf('header', route.headers, components),
  ];
  return {
    summary: route.summary,
    'x-role': route.role,
    security: route.role === 'public' ? [] : Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route.body, components) }),
    responses: responsesOf(route, components),
  };
}

function parametersOf(place: 'path' | 'query' | 'header', schema: z.ZodType | undefined, components: Json): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name: place === 'header' ? headerCase(name) : name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

const headerCase = (name: string) => name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());

function requestBody(schema: z.ZodType, components: Json): Json {
  return {
    required: !schema.safeParse(undefined).success,
    content: { 'application/json': { schema: jsonSchema(schema, components) } },
  };
}

function responsesOf(route: Route, components: Json): Json {
  const all = { ...commonRefusals(route), ...route.responses };
  const entries = Object.entries(all).map(([status, response]): [string, Json] => [
    status,
    responseOf(Number(status), response, components),
  ]);
  return Object.fromEntries(entries);
}

/** What every route of its kind may answer, whatever its handler does. */
function commonRefusals(route: Route): Record<number, RouteResponse> {
  const { params, query, headers, body } = route;
  const parsed = [params, query, headers, body].some((schema) => schema !== undefined);
  return {
    400: refusal(body === undefined ? 'MALFORMED_URL' : 'MALFORMED_URL, MALFORMED_JSON or UNREADABLE_BODY'),
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

function responseOf(status: number, { description, schema, type: bare }: RouteResponse, components: Json): Json {
  if (schema === undefined) return { description, ...(bare === undefined ? {} : { content: { [bare]: {} } }) };
  const type = status >= 400 && schema === problemDocument ? PROBLEM_TYPE : 'application/json';
  return { description, content: { [type]: { schema: jsonSchema(schema, components) } } };
}

/** A schema as JSON Schema, its named parts moved to the components. */
function jsonSchema(schema: z.ZodType, components: Json): Json {
  const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const [name, definition] of Object.entries($defs)) components[name] = intoComponents(definition);
  return intoComponents(rest) as Json;
}

function intoComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(intoComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === '$ref' && typeof member === 'string'
        ? [key, member.replace('#/$defs/', '#/components/schemas/')]
        : [key, intoComponents(member)],
    ),
  );
}

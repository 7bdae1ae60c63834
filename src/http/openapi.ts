import type { z } from 'zod';
import { SESSION_COOKIE } from './access/session-cookie.ts';
import { COMMON_HEADERS } from './openapi/headers.ts';
import { responsesOf } from './openapi/responses.ts';
import { jsonSchema, type Components, type Json } from './openapi/schemas.ts';
import type { Route } from './route.ts';
import { APPLICATION, TAGS } from './tags.ts';

/** The version of the HTTP API, not of the package: it changes when an answer does. */
const API_VERSION = '1.0.0';

/** Any of them, on routes that are not public. */
const SECURITY_SCHEMES = {
  key: { type: 'http', scheme: 'bearer', description: 'A key of API_KEYS' },
  session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'Set by POST /api/session' },
} as const;

const INFO = {
  title: 'Backstep',
  version: API_VERSION,
  summary: 'Sagas: steps forward, compensations in reverse.',
  description:
    'Each operation takes a role (`x-role`): public, viewer, starter or operator; each has what those before it have. Where no ' +
    'keys are configured nobody is asked for one. Refusals are problem documents (RFC 9457) with a `code` for programs.',
  license: { name: 'MIT', identifier: 'MIT' },
} as const;

/** OpenAPI 3.1 of a route table. Schemas with a `meta({ id })` become components of that name. */
export function openApiDocument(routes: readonly Route[]): Json {
  const components: Components = { schemas: {}, examples: {} };
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const names = parameterNames(route, routes);
    const path = route.path.replaceAll(/:(\w+)/g, (_all, name: string) => `{${names.get(name)}}`);
    const own = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const shown = own === path ? {} : { 'x-path': own };
    paths[path] = { ...paths[path], [route.method]: { ...operation(route, names, components), ...shown } };
  }
  return {
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/' }],
    tags: tagsOf(routes),
    paths,
    components: { ...components, headers: COMMON_HEADERS, securitySchemes: SECURITY_SCHEMES },
  };
}

const shapeOf = (path: string) => path.replaceAll(/:\w+/g, ':');
const parametersIn = (path: string) => [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

/**
 * A path may be there only once, whatever its parameters are called. Where routes of one shape call them differently, each
 * parameter has all its names, as in `/api/sagas/{typeOrSagaId}`.
 */
function parameterNames({ path }: Route, routes: readonly Route[]): ReadonlyMap<string, string> {
  const alike = routes
    .filter((route) => shapeOf(route.path) === shapeOf(path))
    .map((route) => parametersIn(route.path));
  const shared = (index: number) => [...new Set(alike.map((names) => names[index] ?? ''))];
  return new Map(parametersIn(path).map((name, index) => [name, shared(index).reduce(joined)]));
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const joined = (names: string, name: string) => `${names}Or${capital(name)}`;

function tagsOf(routes: readonly Route[]): readonly object[] {
  const used = new Set(routes.map(({ tag = APPLICATION }) => tag));
  return [...new Set([...TAGS, ...used])].filter((tag) => used.has(tag));
}

function operation(route: Route, names: ReadonlyMap<string, string>, components: Components): Json {
  const { params, query, headers, body, example = {} } = route;
  const parameters = [
    ...parametersOf('path', params, example.params, components).map((each) => ({
      ...each,
      name: names.get(each.name) ?? each.name,
    })),
    ...parametersOf('query', query, example.query, components),
    ...parametersOf('header', headers, example.headers, components),
  ];
  return {
    operationId: route.name ?? nameOf(route),
    tags: [(route.tag ?? APPLICATION).name],
    summary: route.summary,
    'x-role': route.role,
    security: route.role === 'public' ? [] : Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body, example.body, components) }),
    responses: responsesOf(route, components),
  };
}

/** `post /api/orders/:id/cancel` → `postApiOrdersIdCancel`. */
function nameOf({ method, path }: Route): string {
  const words = path.split(/\W+/).filter((word) => word !== '');
  return method + words.map(capital).join('');
}

interface Parameter extends Json {
  readonly name: string;
}

function parametersOf(
  place: 'path' | 'query' | 'header',
  schema: z.ZodType | undefined,
  examples: Readonly<Record<string, string>> | undefined,
  components: Components,
): Parameter[] {
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
    ...exampleOf(examples?.[name], rest),
  }));
}

/** The examples are as they are sent: text. */
function exampleOf(text: string | undefined, { type }: Json): Json {
  if (text === undefined) return {};
  return { example: type === 'integer' || type === 'number' ? Number(text) : text };
}

const headerCase = (name: string) => name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());

function requestBody(schema: z.ZodType, example: unknown, components: Components): Json {
  return {
    required: !schema.safeParse(undefined).success,
    content: {
      'application/json': { schema: jsonSchema(schema, components), ...(example === undefined ? {} : { example }) },
    },
  };
}

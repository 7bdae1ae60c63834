import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { openApiDocument } from '../../src/http/openapi.ts';
import type { Route } from '../../src/http/route.ts';

/** An answer of the API, and what it answers. */
export interface Exchange {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>;
  /** As it was sent. */
  readonly text: string;
}

interface Media {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, unknown>>;
  readonly example?: unknown;
  readonly 'x-events'?: Readonly<Record<string, object>>;
}

export interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly $ref?: string }>>;
  readonly content?: Readonly<Record<string, Media>>;
}

export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly headers: Readonly<Record<string, { readonly required?: boolean }>>;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
  };
}

/** The OpenAPI document of a route table as a judge of answers. */
export interface Contract {
  /** What is wrong with an answer; undefined where it is as documented, or where its path is not. */
  complaint(exchange: Exchange): string | undefined;
  operationOf(method: string, path: string): Operation | undefined;
  /** What is wrong with the example of an answer. */
  exampleComplaints(): readonly string[];
  readonly operations: readonly Operation[];
}

/** Members that a schema does not name are refused, whatever the document says to others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' ? String(member).replace(/^#/, 'contract#') : closed(member),
    ]),
  );
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...schema, additionalProperties: false }
    : schema;
}

export function createContract(routes: readonly Route[]): Contract {
  const document = openApiDocument(routes) as unknown as Document;
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  formats.default(ajv);
  ajv.addVocabulary(['components']);
  ajv.addSchema(closed({ $id: 'contract', components: { schemas: schemasOf(document) } }) as object);
  const validators = new Map<object, ValidateFunction>();
  const fault = (schema: object, value: unknown): string | undefined => {
    const validate = validators.get(schema) ?? ajv.compile(closed(schema) as object);
    validators.set(schema, validate);
    return validate(value) ? undefined : ajv.errorsText(validate.errors, { separator: '; ' });
  };
  const rows = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, pattern: patternOf(path), operation })),
  );
  const operationOf: Contract['operationOf'] = (method, path) =>
    rows.find((row) => row.method === method.toLowerCase() && row.pattern.test(path))?.operation;
  return {
    operationOf,
    operations: rows.map(({ operation }) => operation),
    complaint: (exchange) => {
      const operation = operationOf(exchange.method, exchange.path);
      const found = operation && complaintOf(document, operation, exchange, fault);
      return found && `${exchange.method} ${exchange.path} ${exchange.status}: ${found}`;
    },
    exampleComplaints: () =>
      rows.flatMap(({ operation }) =>
        Object.entries(operation.responses).flatMap(([status, response]) =>
          examplesOf(document, response).flatMap(([schema, example]) => {
            const found = fault(schema, example);
            return found === undefined ? [] : [`${operation.operationId} ${status}: ${found}`];
          }),
        ),
      ),
  };
}

const schemasOf = ({ components }: Document) => (components as unknown as { schemas: object }).schemas;

const patternOf = (path: string) =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i');

type Fault = (schema: object, value: unknown) => string | undefined;

function complaintOf(document: Document, operation: Operation, exchange: Exchange, fault: Fault): string | undefined {
  const { status, headers, text } = exchange;
  const response = operation.responses[status];
  if (response === undefined) return 'this status is not documented';
  const missing = requiredHeaders(document, response).filter((name) => headers[name.toLowerCase()] === undefined);
  if (missing.length > 0) return `it lacks the header ${missing.join(', ')}`;
  const [type = '', media] = Object.entries(response.content ?? {})[0] ?? [];
  const sent = [headers['content-type']].flat().join('').split(';', 1)[0] ?? '';
  if (sent !== type) return `it is ${sent || 'nothing'}, documented is ${type || 'nothing'}`;
  if (media === undefined) return text === '' ? undefined : 'it has a body';
  if (media['x-events']) return eventComplaint(media['x-events'], text, fault);
  if (!type.endsWith('json')) return fault(media.schema, text);
  const body = JSON.parse(text) as { readonly code?: unknown };
  const codes = Object.keys(media.examples ?? {});
  if (media.examples && !codes.includes(String(body.code))) return `${String(body.code)} is not one of ${codes.join()}`;
  return fault(media.schema, body);
}

function requiredHeaders({ components }: Document, { headers = {} }: Response): readonly string[] {
  const isRequired = ([name, header]: [string, { readonly required?: boolean; readonly $ref?: string }]) =>
    (header.$ref === undefined ? header : components.headers[name])?.required === true;
  return Object.entries(headers)
    .filter(isRequired)
    .map(([name]) => name);
}

/** Whole events only: a reader may have gone in the middle of one. */
function eventComplaint(events: Readonly<Record<string, object>>, text: string, fault: Fault): string | undefined {
  const blocks = text.split('\n\n').slice(0, -1);
  for (const block of blocks) {
    // Not dots: data may have U+2028 in it, where a line ends for a regular expression.
    const [, name, data] = /^event: ([^\n]*)\ndata: ([^\n]*)$/.exec(block) ?? [];
    if (name === undefined || data === undefined) {
      if (/^(:|retry: \d+$)/.test(block)) continue;
      return `it has ${JSON.stringify(block)}`;
    }
    const schema = events[name];
    const found = schema === undefined ? 'is not documented' : fault(schema, JSON.parse(data));
    if (found !== undefined) return `event ${name}: ${found}`;
  }
  return undefined;
}

/** The examples of an answer, with the schemas that they have to fit. */
function examplesOf({ components }: Document, { content = {} }: Response): readonly (readonly [object, unknown])[] {
  return Object.values(content).flatMap(({ schema, example, examples = {} }) => [
    ...(example === undefined ? [] : [[schema, example] as const]),
    ...Object.keys(examples).map((name) => [schema, components.examples[name]?.value] as const),
  ]);
}

import fc, { type Arbitrary } from 'fast-check';
import type { z } from 'zod';
import { bodyOf } from './bodies.ts';
import { arbitraryOf, namesOf } from './from-schema.ts';
import { anySender, type Sender } from './credentials.ts';
import { hostileHeaders, type Header } from './headers.ts';
import { hostilePart, hostileText } from './vocabulary.ts';

/** What is attacked: a row of the route table, or what is served beside it. */
export interface Row {
  /** How many requests it gets for each one that others get. */
  readonly weight: number;
  readonly method: string;
  /** Express's form. */
  readonly path: string;
  readonly params?: z.ZodType | undefined;
  readonly query?: z.ZodType | undefined;
  /** What its bodies are made from; none where it takes no body. */
  readonly bodies: readonly z.ZodType[];
}

/** A request as it is drawn. Its target and headers may name things that the server has by now: `{{sagaId:17}}`. */
export interface Draft {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly sender: Sender;
  readonly body: Buffer | undefined;
}

const OTHER_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH'];

export function requestsTo(row: Row): Arbitrary<Draft> {
  const method = mostly(fc.constant(row.method), fc.constantFrom(...OTHER_METHODS), 12);
  return fc
    .record({
      method,
      path: pathOf(row),
      query: queryOf(row),
      headers: hostileHeaders,
      body: bodiesOf(row),
      sender: anySender,
    })
    .map(({ path, query, headers, ...rest }) => {
      return { ...rest, target: path + query, headers: [...headers, ...rest.sender.headers] };
    });
}

const mostly = <T>(usual: Arbitrary<T>, odd: Arbitrary<T>, weight: number): Arbitrary<T> =>
  fc.oneof({ withCrossShrink: true }, { arbitrary: usual, weight }, { arbitrary: odd, weight: 1 });

/** Something of this name that the server has told of. */
const known = (name: string) => fc.nat({ max: 999 }).map((index) => `{{${name}:${index}}}`);

function pathOf({ path, params }: Row): Arbitrary<string> {
  const valid = params === undefined ? fc.constant({}) : arbitraryOf(params);
  const parts = path.split('/').map((part) => {
    if (!part.startsWith(':')) return fc.constant(part);
    const name = part.slice(1);
    const fitting = valid.map((values) => encodeURIComponent((values as Record<string, string>)[name] ?? 'x'));
    return fc.oneof(
      { arbitrary: known(name), weight: 6 },
      { arbitrary: fitting, weight: 1 },
      { arbitrary: hostilePart, weight: 1 },
    );
  });
  const plain = fc.tuple(...parts).map((all) => all.join('/'));
  const bent = fc.tuple(plain, fc.constantFrom(...BENDS), hostilePart).map(([text, bend, part]) => bend(text, part));
  return mostly(plain, bent, 14);
}

const BENDS: readonly ((path: string, part: string) => string)[] = [
  (path) => `${path}/`,
  (path, part) => `${path}/${part}`,
  (path, part) => `/${part}${path}`,
  (path) => path.replaceAll('/', '//'),
  (path) => path.toUpperCase(),
  (path) => `${path}/../..${path}`,
  (path) => `http://elsewhere.example${path}`,
  (path) => `${path};x=y`,
  (path, part) => path.slice(0, path.lastIndexOf('/') + 1) + part,
  (path) => `${path}#x`,
  (path) => `${path}/${'a/'.repeat(3_000)}`,
];

function queryOf({ query }: Row): Arbitrary<string> {
  const names = namesOf(query);
  const odd = fc.array(oddPair(names), { minLength: 1, maxLength: 3 }).map((pairs) => `?${pairs.join('&')}`);
  if (query === undefined) return mostly(fc.constant(''), odd, 8);
  const valid = arbitraryOf(query).map((values) => {
    const pairs = Object.entries(values as object).map(
      ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
    );
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  });
  return fc.oneof({ arbitrary: valid, weight: 2 }, { arbitrary: odd, weight: 2 });
}

/** Of a name that is known or not, once or as part of an array or object, with a value that fits or not. */
function oddPair(names: readonly string[]): Arbitrary<string> {
  const name = fc.oneof(
    { arbitrary: fc.constantFrom(...(names.length === 0 ? ['x'] : names)), weight: 6 },
    { arbitrary: hostilePart, weight: 1 },
  );
  const form = fc.oneof(
    { arbitrary: fc.constant(''), weight: 6 },
    { arbitrary: fc.constantFrom('[]', '[0]', '[a]', '[__proto__][x]', '[constructor]', '%00', '[[['), weight: 1 },
  );
  return fc
    .tuple(name, form)
    .chain(([key, suffix]) =>
      fc.oneof(known(key), hostilePart, fc.maxSafeInteger().map(String)).map((value) => `${key}${suffix}=${value}`),
    );
}

function bodiesOf({ bodies, method }: Row): Arbitrary<Buffer | undefined> {
  if (bodies.length > 0) return mostly(fc.oneof(...bodies.map((schema) => bodyOf(arbitraryOf(schema)))), none, 20);
  return method === 'GET' ? mostly(none, rubbish, 20) : mostly(none, rubbish, 1);
}

const none: Arbitrary<Buffer | undefined> = fc.constant(undefined);
const rubbish: Arbitrary<Buffer | undefined> = bodyOf(fc.dictionary(fc.string(), hostileText, { maxKeys: 3 }));

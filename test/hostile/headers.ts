import fc, { type Arbitrary } from 'fast-check';
import { hostileText, sendable } from './vocabulary.ts';

export type Header = readonly [name: string, value: string];

const odd = (name: string, ...values: readonly string[]) =>
  fc.oneof(fc.constantFrom(...values), hostileText.map(sendable)).map((value): Header => [name, value]);

/** Headers that mean something to whoever reads them, with values that they should not have. */
const ODD_HEADERS: readonly Arbitrary<Header>[] = [
  odd(
    'idempotency-key',
    'key-1',
    'key-2',
    'k'.repeat(200),
    'k'.repeat(201),
    'two words',
    '',
    '\u00c5',
    "'; --",
    '__proto__',
  ),
  odd('content-encoding', 'gzip', 'br', 'deflate', 'gzip, gzip', 'identity', 'rot13', ''),
  odd('x-request-id', 'r-1', 'r'.repeat(128), 'r'.repeat(4_000), 'a b', '<b>', '\t'),
  odd('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-0', 'x'.repeat(500)),
  odd('accept', '*/*', 'text/html', 'text/html;q=x', '*/*;q=9', 'a/b, '.repeat(300)),
  odd('accept-encoding', 'gzip', 'br;q=0', '*;q=nan'),
  odd('origin', 'https://elsewhere.example', 'null', 'file://', 'http://['),
  odd('sec-fetch-site', 'cross-site', 'same-origin', 'same-site', 'none', 'x'),
  odd('last-event-id', '1', '-1', '9'.repeat(40)),
  odd('if-none-match', '*', 'W/"x"', '"'),
  odd('range', 'bytes=0-', 'bytes=9-1', 'bytes=0-0,0-0'),
  odd('host', 'elsewhere.example', 'a:99999', '[::1', ''),
  odd('x-forwarded-for', '127.0.0.1', '::1, 10.0.0.1', 'x'),
  odd('x-forwarded-proto', 'https', 'javascript'),
  odd('x-forwarded-host', 'elsewhere.example'),
  odd('x-http-method-override', 'DELETE', 'TRACE'),
  odd('x-original-url', '/admin/queues'),
  odd('te', 'trailers', 'chunked'),
  odd('upgrade', 'websocket', 'h2c'),
  odd('__proto__', 'x'),
  odd('x-large', 'x'.repeat(12_000), 'x'.repeat(40_000)),
];

const CONTENT_TYPES: readonly string[] = [
  'application/json; charset=UTF-8',
  'APPLICATION/JSON',
  'application/vnd.api+json',
  'application/json;;',
  'text/plain',
  'text/html',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'image/png',
  'application/json; charset=utf-16',
  'application/json; charset=x',
  'application/json, text/html',
  'json',
  '/',
  '',
];

/** As a client sends it: mostly JSON and nothing else. */
export const hostileHeaders: Arbitrary<readonly Header[]> = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.constant('application/json'), weight: 9 },
      { arbitrary: fc.constantFrom(...CONTENT_TYPES), weight: 1 },
    ),
    fc.oneof(
      { arbitrary: fc.constant([]), weight: 2 },
      { arbitrary: fc.array(fc.oneof(...ODD_HEADERS), { minLength: 1, maxLength: 3 }), weight: 1 },
    ),
  )
  .map(([type, others]) => [['content-type', type], ...others]);

import { jest } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import { depthOf } from '../../src/http/json-depth.ts';
import { errorsOf, expectProblem, testApp } from '../support/http.ts';

/** A start of a saga with this text as its body. */
const start = (text: string, type = 'application/json') => {
  const { app, calls } = testApp();
  return { calls, response: request(app).post('/api/sagas/DEMO').set('content-type', type).send(text) };
};
const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

test.each([
  ['malformed', '{"a":', 400, 'MALFORMED_JSON'],
  ['an array', '[]', 422, 'INVALID_REQUEST'],
  ['a word', '"x"', 422, 'INVALID_REQUEST'],
  ['null', 'null', 422, 'INVALID_REQUEST'],
  ['over the limit', JSON.stringify({ a: 'x'.repeat(262_144) }), 413, 'BODY_TOO_LARGE'],
])('%s is refused', async (_name, text, status, code) => {
  const { response, calls } = start(text);
  expectProblem(await response, status, code);
  expect(calls).toEqual([]);
});

test('a body just under the limit is taken', async () => {
  await start(JSON.stringify({ a: 'x'.repeat(262_000) })).response.expect(202);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=iso-8859-1'])(
  'content of type %s is 415',
  async (type) => {
    expectProblem(await start('{}', type).response, 415, 'UNSUPPORTED_MEDIA_TYPE');
  },
);

test('an encoding that is none is refused', async () => {
  const { app } = testApp();
  const post = () => request(app).post('/api/sagas/DEMO').type('json');
  expectProblem(await post().set('content-encoding', 'rot13').send('{}'), 415, 'UNSUPPORTED_MEDIA_TYPE');
  expectProblem(await post().set('content-encoding', 'gzip').send('{}'), 400, 'UNREADABLE_BODY');
});

test('no body where one is needed is 422', async () => {
  const { app } = testApp();
  expectProblem(await request(app).post('/api/sagas/DEMO'), 422, 'INVALID_REQUEST');
});

test.each([
  ['\\u0000 in a string', '{"a":{"b":["x\\u0000y"]}}', '/a/b/0'],
  ['\\u0000 in a key', '{"a":{"x\\u0000":1}}', '/a'],
  ['half of a surrogate pair', '{"a":"\\ud800"}', '/a'],
  ['a number beyond the numbers', '{"a":1e999}', '/a'],
  ['65 levels', nested(65), ''],
])('%s is refused where it is', async (_name, text, pointer) => {
  const { response } = start(text);
  expectProblem(await response, 422, 'INVALID_REQUEST');
  expect(errorsOf(await response)).toMatchObject([{ in: 'body', pointer }]);
});

test('64 levels are taken, and a whole emoji', async () => {
  await start(nested(64)).response.expect(202);
  await start('{"a":"\\ud83d\\ude00"}').response.expect(202);
});

test('a body as deep as it is long is refused before it is parsed', async () => {
  const parse = jest.spyOn(JSON, 'parse');
  const { app } = testApp();
  const post = () => request(app).post('/api/sagas/DEMO').type('json').responseType('blob');
  const responses = [await post().send('['.repeat(262_000)), await post().send(nested(131_000))];
  const bodies = parse.mock.calls.filter(([text]) => text.length > 100_000);
  parse.mockRestore();
  expect(bodies).toEqual([]);
  for (const { status, body } of responses)
    expect([status, JSON.parse(String(body))]).toMatchObject([422, { code: 'INVALID_REQUEST' }]);
});

test('brackets in strings nest nothing, and many keys are fine', async () => {
  await start(JSON.stringify({ a: `${'['.repeat(100)}"\\${'{'.repeat(100)}`, '[[["': 1 })).response.expect(202);
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, {}]));
  await start(JSON.stringify(many)).response.expect(202);
});

test.each(['utf-16', 'utf-32'])('JSON in %s is 415', async (charset) => {
  expectProblem(await start('{}', `application/json; charset=${charset}`).response, 415, 'UNSUPPORTED_MEDIA_TYPE');
});

test('the depth of any JSON is known before it is parsed', () => {
  const deepest = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(deepest)) : 0;
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      expect(depthOf(Buffer.from(text))).toBe(deepest(JSON.parse(text)));
    }),
  );
});

test('a body wrong in every element lists only so many errors', async () => {
  const { response } = start(JSON.stringify({ a: Array.from({ length: 5_000 }, () => '\u0000') }));
  expect(errorsOf(await response)).toHaveLength(100);
});

test('__proto__ is left out, and changes nothing', async () => {
  const { response, calls } = start('{"a":1,"__proto__":{"admin":true},"b":{"__proto__":{"admin":true}}}');
  await response.expect(202);
  const input = calls[0]?.[2] as Record<string, unknown>;
  expect(JSON.stringify(input)).toBe('{"a":1,"b":{}}');
  expect(input['admin']).toBeUndefined();
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

import request from 'supertest';
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
  ['65 levels', nested(65), `/a${'/0'.repeat(63)}`],
])('%s is refused where it is', async (_name, text, pointer) => {
  const { response } = start(text);
  expectProblem(await response, 422, 'INVALID_REQUEST');
  expect(errorsOf(await response)).toMatchObject([{ in: 'body', pointer }]);
});

test('64 levels are taken, and a whole emoji', async () => {
  await start(nested(64)).response.expect(202);
  await start('{"a":"\\ud83d\\ude00"}').response.expect(202);
});

test('a body as deep as it is long is refused cheaply', async () => {
  const before = performance.now();
  expectProblem(await start(nested(131_000)).response, 422, 'INVALID_REQUEST');
  expect(performance.now() - before).toBeLessThan(2_000);
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

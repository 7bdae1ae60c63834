import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHttpServer } from '../../src/http/server.ts';
import { testApp } from '../support/http.ts';

let server: Server;

beforeAll(async () => {
  server = createHttpServer(testApp().app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** The answer to these bytes, up to the end of the connection. */
function answerTo(bytes: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return text(socket);
}

const HOST = 'Host: a\r\nConnection: close\r\n';

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  ['a header with a line of its own in it', `GET / HTTP/1.1\r\n${HOST}a: b\rc: d\r\n\r\n`, 400, 'MALFORMED_REQUEST'],
  ['two lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400, 'MALFORMED_REQUEST'],
  ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  ['20,000 bytes of headers', `GET / HTTP/1.1\r\n${HOST}a: ${'b'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
])('%s is refused with a problem document', async (_name, bytes, status, code) => {
  const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toMatch(/content-type: application\/problem\+json/i);
  expect(head).toMatch(/x-content-type-options: nosniff/i);
  expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status, code });
});

test('an expectation that nobody has is no reason to refuse', async () => {
  expect(await answerTo(`GET /healthz HTTP/1.1\r\n${HOST}Expect: the-best\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
});

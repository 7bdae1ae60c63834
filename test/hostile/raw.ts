import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc, { type Arbitrary } from 'fast-check';

const START = 'POST /api/sagas/ANYTHING HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

const MESSAGES: readonly string[] = [
  `${START}Content-Length: 2\r\nConnection: close\r\n\r\n{}`,
  `${START}Content-Length: 200\r\n\r\n{}`,
  `${START}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  `${START}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n`,
  `${START}Transfer-Encoding: chunked, identity\r\n\r\n{}`,
  `${START}Content-Length: -1\r\n\r\n{}`,
  `${START}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
  'GET /api/sagas HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET /api/sagas HTTP/1.1\r\nHost : a\r\n\r\n',
  'GET /api/sagas\r\n\r\n',
  'GET /api/sagas HTTP/9.9\r\nHost: a\r\n\r\n',
  'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET /api/sagas HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\r\n x-injected: b\r\n\r\n',
  `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n${START}Content-Length: 2\r\n\r\n{`,
];

/** A message, with a few of its bytes changed, taken out or put in. */
export const almostHttp: Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom(...MESSAGES),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.uint8Array({ minLength: 1, maxLength: 4 })), { maxLength: 3 }),
  )
  .map(([message, changes]) =>
    changes.reduce<Buffer>(
      (bytes, [place, removed, added]) => {
        const at = place % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
      },
      Buffer.from(message, 'latin1'),
    ),
  );

/** All that is answered to these bytes and the end that follows them. */
export async function exchange({ hostname, port }: URL, bytes: Buffer): Promise<string> {
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  return text(socket).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return '';
    throw error;
  });
}

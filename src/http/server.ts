import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_TYPE, toProblem } from './problem.ts';
import { refused } from './refusals.ts';
import type { HttpError } from './route.ts';

/**
 * A server whose every refusal is a problem document: Node's own, of what it cannot read as HTTP, have no body. A request
 * without Host comes to `app`, and so does one with an expectation that nobody has.
 */
export function createHttpServer(app: RequestListener): Server {
  const server = createServer({ requireHostHeader: false }, app);
  server.on('checkExpectation', app);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(socket, refusalOf(error)));
  return server;
}

/** What Node's HTTP parser and its clock give up on. */
function refusalOf({ code }: NodeJS.ErrnoException): HttpError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refused('HEADERS_TOO_LARGE', 'The request line and the headers are more than 16 KiB');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refused('BODY_TOO_LARGE', 'The extensions of a chunk are more than 16 KiB');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refused('REQUEST_TIMEOUT', 'The request did not come to its end in time');
    default:
      return refused('MALFORMED_REQUEST', 'This is not HTTP as it has to be');
  }
}

function refuse(socket: Socket, error: HttpError): void {
  if (!socket.writable || answering(socket)) return void socket.destroy();
  const { status, body } = toProblem(error);
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${body.title}`,
    `Content-Type: ${PROBLEM_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}

/** Whether an answer to an earlier request is on its way: ours would be a part of it. Node's own handler looks here, too. */
function answering(socket: Socket): boolean {
  const { _httpMessage: message } = socket as Socket & {
    readonly _httpMessage?: { readonly headersSent: boolean } | null;
  };
  return message?.headersSent === true;
}

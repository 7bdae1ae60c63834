import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface StubRequest {
  readonly method: string;
  /** With its query, as it was sent. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Undefined where there was none. */
  readonly body: unknown;
}

export interface StubReply {
  /** Default 200. */
  readonly status?: number;
  /** JSON; text is sent as it is. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a request, or `never`: the connection is then held until the stub closes. */
export type Responder = (request: StubRequest) => StubReply | 'never';

/** An HTTP server that answers as it is told, and writes down what it was asked. */
export interface StubApi {
  readonly url: string;
  readonly requests: StubRequest[];
  respond(responder: Responder): void;
  close(): Promise<void>;
}

export async function startStubApi(): Promise<StubApi> {
  let responder: Responder = () => ({ status: 500, body: 'nothing was told' });
  const requests: StubRequest[] = [];
  const server = createServer(async (message, response) => {
    const sent = await text(message);
    const { method = '', url = '', headers } = message;
    const request = { method, url, headers, body: sent === '' ? undefined : (JSON.parse(sent) as unknown) };
    requests.push(request);
    const reply = responder(request);
    if (reply === 'never') return;
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    respond: (next) => {
      responder = next;
      requests.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with these one after the other, the last again and again. */
export function inTurn(...replies: readonly (StubReply | 'never')[]): Responder {
  let at = 0;
  return () => replies[Math.min(at++, replies.length - 1)] ?? 'never';
}

export function problem(status: number, code: string, detail: string, more: object = {}): StubReply {
  const headers = { 'content-type': 'application/problem+json' };
  return { status, headers, body: { type: 'about:blank', title: 'x', status, detail, code, ...more } };
}

import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notice } from '../../src/index.ts';

/** A request that a receiver of webhooks got. */
export interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly notice: Notice;
}

export interface Receiver {
  readonly url: string;
  readonly told: readonly Told[];
  /** What it answers from now on: a status, or nothing at all until it is closed. */
  answer(status: number | 'nothing'): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const told: Told[] = [];
  let answer: number | 'nothing' = 204;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    told.push({ headers: request.headers, body, notice: JSON.parse(body) as Notice });
    if (answer === 'nothing') return;
    response.writeHead(answer, { location: '/elsewhere' });
    response.end('thanks');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook?token=of-the-receiver`,
    told,
    answer: (status) => (answer = status),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLOSING } from '../http/event-stream.ts';
import { createHttpServer } from '../http/server.ts';
import { probePort } from '../servers/ports.ts';
import { reasonOf, StartupError } from '../startup-error.ts';

/** How long requests that run may go on after a stop. */
const DRAIN_MS = 5000;

export interface Address {
  readonly host: string;
  readonly port: number;
  /** What sets the port, for the line that says that it cannot be had. Default `--port or PORT`. */
  readonly setting?: string;
}

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Throws a `StartupError` when the port cannot be had. Asked before slow work; someone may still take it meanwhile. */
export async function requireFreePort(address: Address): Promise<void> {
  await probePort(address.port, address.host).catch((error: unknown) => {
    throw refusal(address, error);
  });
}

export async function serveHttp(app: RequestListener, address: Address): Promise<HttpServer> {
  const server = createHttpServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refusal(address, error)));
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${urlHost(address.host)}:${port}`,
    close: async () => {
      server.emit(CLOSING);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** What a person on this machine puts into a browser. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function refusal({ host, port, setting = '--port or PORT' }: Address, cause: unknown): StartupError {
  const { code } = cause as NodeJS.ErrnoException;
  const hint = `take another with ${setting}`;
  const message =
    code === 'EADDRINUSE'
      ? `Port ${port} on ${host} is in use: ${hint}`
      : `Port ${port} on ${host} cannot be listened on: ${reasonOf(cause)}`;
  return new StartupError(message, { cause });
}

import { createServer } from 'node:net';

/** The port that was listened on for a moment; an error such as EADDRINUSE rejects. `port` 0: any free one. */
export async function probePort(port: number, host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** `preferred` when it is free, else any free port of the loopback interface. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred === undefined) return probePort(0);
  return probePort(preferred).catch(() => probePort(0));
}

import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * What a connection suffers. `cut`: it is reset, and none is let in. `hang`: bytes are held back both ways, and flow when
 * it is over. `hang-replies`: requests go through, their answers are held back. `lose-replies`: requests go through, their
 * answers are swallowed, and the connection is reset when it is over.
 */
export type ProxyMode = 'pass' | 'cut' | 'hang' | 'hang-replies' | 'lose-replies';

/** A TCP proxy between one process and one server. */
export interface Proxy {
  readonly port: number;
  /** How many connections are open through it. */
  connections(): number;
  set(mode: ProxyMode): void;
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

export async function startProxy(target: { readonly host: string; readonly port: number }): Promise<Proxy> {
  const links = new Set<Link>();
  let mode: ProxyMode = 'pass';
  const listener = createServer({ allowHalfOpen: false }, (client) => {
    if (mode === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const link = { client, server: connect(target) };
    links.add(link);
    for (const socket of [link.client, link.server]) watch(socket, () => end(links, link));
    apply(link, mode);
  });
  const port = await listen(listener);
  return {
    port,
    connections: () => links.size,
    set: (next) => {
      // Who lost an answer must not go on as if none had been due.
      if (next === 'cut' || mode === 'lose-replies') for (const link of links) end(links, link);
      mode = next;
      for (const link of links) apply(link, mode);
    },
    close: async () => {
      for (const link of links) end(links, link);
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

function watch(socket: Socket, onEnd: () => void): void {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.once('close', onEnd);
}

/** Reset rather than closed: the other side must not take it for a goodbye. */
function end(links: Set<Link>, link: Link): void {
  if (!links.delete(link)) return;
  link.client.resetAndDestroy();
  link.server.resetAndDestroy();
}

function apply({ client, server }: Link, mode: ProxyMode): void {
  client.unpipe(server);
  server.unpipe(client);
  server.removeAllListeners('data');
  if (mode === 'hang') {
    client.pause();
    server.pause();
    return;
  }
  client.pipe(server);
  if (mode === 'hang-replies') server.pause();
  else if (mode === 'lose-replies') server.on('data', () => undefined).resume();
  else server.pipe(client);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

import type { OwnServers } from '../../support/own-servers.ts';
import { startProxy, type Proxy } from './proxy.ts';

export type ServerName = 'redis' | 'postgres';

/** A proxy for every process and server: what befalls one process's network leaves the others' alone. */
export interface Proxies {
  between(member: string, server: ServerName): Proxy;
  /** The server's address as the process is to know it. */
  urlFor(member: string, server: ServerName): string;
  close(): Promise<void>;
}

export async function startProxies(servers: OwnServers, members: readonly string[]): Promise<Proxies> {
  const proxies = new Map<string, Proxy>();
  for (const member of members)
    for (const server of ['redis', 'postgres'] as const) {
      const { hostname: host, port } = new URL(servers[server].url);
      proxies.set(placeOf(member, server), await startProxy({ host, port: Number(port) }));
    }
  const between: Proxies['between'] = (member, server) => {
    const proxy = proxies.get(placeOf(member, server));
    if (!proxy) throw new Error(`There is no proxy of ${placeOf(member, server)}`);
    return proxy;
  };
  return {
    between,
    urlFor: (member, server) => {
      const url = new URL(servers[server].url);
      url.port = String(between(member, server).port);
      // PostgreSQL's own views then tell whose connection it is.
      if (server === 'postgres') url.searchParams.set('application_name', member);
      return url.href;
    },
    close: async () => {
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    },
  };
}

const placeOf = (member: string, server: ServerName) => `${member} to ${server}`;

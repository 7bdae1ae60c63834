/**
 * Restate: a server of its own that keeps the journal, and a service with a handler. The starting process sends requests to
 * its ingress, which answers when they are accepted; the server calls the worker, as often at once as it is set by default.
 */
import { eventually } from '../../test/support/eventually.ts';
import type { Contender, World } from '../contenders/contender.ts';
import { httpPosts } from '../contenders/http-posts.ts';
import { freePort } from '../../src/servers/ports.ts';

/** What is used of `@restatedev/restate-sdk`, which is not there unless it is asked for. */
interface Sdk {
  service(service: { name: string; handlers: Record<string, (context: Context) => Promise<void>> }): unknown;
  serve(options: { services: unknown[]; port: number; logger: () => void }): Promise<unknown>;
}

interface Context {
  run(name: string, step: () => Promise<void>): Promise<void>;
}

const PACKAGE: string = '@restatedev/restate-sdk';
const [SERVICE, HANDLER] = ['bench', 'saga'];
const SETTLE_MS = 60_000;

export const restate: Contender = {
  starter: async (world) => {
    const { ingressUrl, adminUrl } = serverOf(world);
    const http = httpPosts<{ readonly invocationId: string }>(`${ingressUrl}/${SERVICE}/${HANDLER}/send`);
    return {
      start: async () => (await http.post({})).invocationId,
      watchEnds: () => Promise.reject(new Error('The ends of Restate invocations are not watched')),
      settle: () => settle(adminUrl),
      close: async () => http.close(),
    };
  },
  worker: async (world, lastActed) => {
    addWithResolvers();
    const { service, serve } = (await import(PACKAGE)) as Sdk;
    const handler = async (context: Context) => {
      for (const name of ['A', 'B', 'C']) await context.run(name, async () => undefined);
      await context.run('D', async () => lastActed());
    };
    const port = await freePort();
    const bench = service({ name: SERVICE, handlers: { [HANDLER]: handler } });
    await serve({ services: [bench], port, logger: () => undefined });
    const deployments = httpPosts(`${serverOf(world).adminUrl}/deployments`);
    await deployments.post({ uri: `http://127.0.0.1:${port}` });
    deployments.close();
    return { close: async () => undefined };
  },
};

/** Restate's library needs it, and Node has it from version 22 on. */
function addWithResolvers(): void {
  if ('withResolvers' in Promise) return;
  Object.assign(Promise, {
    withResolvers: () => {
      const settlers: { resolve?: unknown; reject?: unknown } = {};
      const promise = new Promise((resolve, reject) => Object.assign(settlers, { resolve, reject }));
      return { promise, ...settlers };
    },
  });
}

async function settle(adminUrl: string): Promise<void> {
  const sql = httpPosts<{ readonly rows: readonly { readonly open: number }[] }>(`${adminUrl}/query`);
  const query = { query: `SELECT count(*) AS open FROM sys_invocation WHERE status <> 'completed'` };
  await eventually(async () => (await sql.post(query)).rows[0]?.open === 0, { timeoutMs: SETTLE_MS, intervalMs: 5 });
  sql.close();
}

function serverOf({ restate }: World) {
  if (!restate) throw new Error('There is no Restate server');
  return restate;
}

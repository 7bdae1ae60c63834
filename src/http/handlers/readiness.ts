import type { Reply, RouteRequest, Services } from '../route.ts';

/** How long a server may take to answer a ping, in milliseconds. */
const PING_LIMIT_MS = 2_000;

/** Ready is who can accept a saga: that takes PostgreSQL. Without the queues it runs later, so they only are reported. */
export async function readiness(_request: RouteRequest, { runner }: Services): Promise<Reply> {
  const [postgres, queues] = await Promise.all([answers(() => runner.ping()), answers(() => runner.queues.ping())]);
  return { status: postgres === 'up' ? 200 : 503, body: { postgres, queues } };
}

async function answers(ping: () => Promise<void>): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'down'>((resolve) => {
    timer = setTimeout(resolve, PING_LIMIT_MS, 'down');
  });
  const answer = ping().then(
    () => 'up' as const,
    () => 'down' as const,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

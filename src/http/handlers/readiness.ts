import { answers } from '../ping.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

const upOrDown = (up: boolean) => (up ? 'up' : 'down');

/** Ready is who can accept a saga: that takes PostgreSQL. Without the queues it runs later, so they only are reported. */
export async function readiness(_request: RouteRequest, { runner }: Services): Promise<Reply> {
  const [postgres, queues] = await Promise.all([answers(() => runner.ping()), answers(() => runner.queues.ping())]);
  return { status: postgres ? 200 : 503, body: { postgres: upOrDown(postgres), queues: upOrDown(queues) } };
}

import type { Reply, RouteRequest, Services } from '../route.ts';

export async function listQueues(_request: RouteRequest, { desk }: Services): Promise<Reply> {
  return { status: 200, body: { items: await desk.queues() } };
}

import type { Reply, RouteRequest, Services } from '../route.ts';

export async function showMetrics(_request: RouteRequest, { runner }: Services): Promise<Reply> {
  return { status: 200, body: await runner.metrics() };
}

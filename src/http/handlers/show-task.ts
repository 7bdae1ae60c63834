import type { Reply, RouteRequest, Services } from '../route.ts';

export async function showTask({ params }: RouteRequest<{ id: string }>, { runner }: Services): Promise<Reply> {
  return { status: 200, body: await runner.task(params.id) };
}

import type { Reply, RouteRequest, Services } from '../route.ts';

export async function showGroupRetry({ params }: RouteRequest<{ id: string }>, { runner }: Services): Promise<Reply> {
  return { status: 200, body: await runner.groupRetry(params.id) };
}

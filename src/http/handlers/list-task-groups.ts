import type { Reply, RouteRequest, Services } from '../route.ts';

export async function listTaskGroups(_request: RouteRequest, { runner }: Services): Promise<Reply> {
  return { status: 200, body: { items: await runner.taskGroups() } };
}

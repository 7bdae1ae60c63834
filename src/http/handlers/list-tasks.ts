import type { TaskFilter } from '../../store/views.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

export async function listTasks({ query }: RouteRequest<unknown, TaskFilter>, { runner }: Services): Promise<Reply> {
  return { status: 200, body: await runner.tasks(query) };
}

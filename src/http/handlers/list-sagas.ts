import type { SagaFilter } from '../../store/views.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

export async function listSagas({ query }: RouteRequest<unknown, SagaFilter>, { runner }: Services): Promise<Reply> {
  return { status: 200, body: await runner.list(query) };
}

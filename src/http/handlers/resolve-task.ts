import type { Resolution } from '../../store/views.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

type Resolve = RouteRequest<{ id: string }, unknown, { resolution: Resolution; reason: string }>;

export async function resolveTask({ params, body, actor }: Resolve, { runner }: Services): Promise<Reply> {
  const { resolution, reason } = body;
  return { status: 200, body: await runner.resolve(params.id, resolution, { actor, reason }) };
}

import type { Resolution } from '../../store/views.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

interface Body {
  readonly resolution: Resolution;
  readonly reason: string;
  readonly output?: Record<string, unknown>;
}

export async function resolveTask(
  { params, body, actor }: RouteRequest<{ id: string }, unknown, Body>,
  { runner }: Services,
): Promise<Reply> {
  const { resolution, ...rest } = body;
  return { status: 200, body: await runner.resolve(params.id, resolution, { actor, ...rest }) };
}

import type { Reply, RouteRequest, Services } from '../route.ts';

type Cancel = RouteRequest<{ sagaId: string }, unknown, { reason: string }>;

export async function cancelSaga({ params, body, actor }: Cancel, { runner }: Services): Promise<Reply> {
  return { status: 202, body: await runner.cancel(params.sagaId, { actor, reason: body.reason }) };
}

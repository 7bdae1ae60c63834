import type { Reply, RouteRequest, Services } from '../route.ts';

export async function showSaga({ params }: RouteRequest<{ sagaId: string }>, { runner }: Services): Promise<Reply> {
  return { status: 200, body: await runner.get(params.sagaId) };
}

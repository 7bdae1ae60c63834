import type { Reply, RouteRequest, Services } from '../route.ts';

export async function listJobs({ params }: RouteRequest<{ sagaId: string }>, { runner }: Services): Promise<Reply> {
  return { status: 200, body: { items: await runner.jobs(params.sagaId) } };
}

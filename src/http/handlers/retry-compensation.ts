import type { Reply, RouteRequest, Services } from '../route.ts';

type Retry = RouteRequest<{ sagaId: string; step: string }, unknown, { reason?: string } | undefined>;

export async function retryCompensation({ params, body, actor }: Retry, { runner }: Services): Promise<Reply> {
  const reason = body?.reason ?? 'Retried through the API';
  return { status: 202, body: await runner.retryCompensation(params.sagaId, params.step, { actor, reason }) };
}

import type { Reply, RouteRequest, Services } from '../route.ts';

type Retry = RouteRequest<{ fingerprint: string }, unknown, { reason: string }>;

/** Accepts the retry of a whole group: it goes on in the background. */
export async function retryGroup({ params, body, actor }: Retry, { runner }: Services): Promise<Reply> {
  const retry = await runner.retryGroup(params.fingerprint, { actor, reason: body.reason });
  return { status: 202, body: retry, headers: { location: `/api/tasks/retries/${retry.id}` } };
}

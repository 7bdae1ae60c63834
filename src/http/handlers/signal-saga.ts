import type { Reply, RouteRequest, Services } from '../route.ts';

type Signal = RouteRequest<{ sagaId: string; name: string }>;

/** Brings a waiting step its answer. No body is an empty answer. */
export async function signalSaga({ params, body, headers, actor }: Signal, { runner }: Services): Promise<Reply> {
  const { sagaId, name } = params;
  const signalId = headers['idempotency-key'];
  const options = signalId === undefined ? { actor } : { actor, signalId };
  const { accepted } = await runner.signal(sagaId, name, body === undefined ? {} : body, options);
  return { status: 202, body: { sagaId, name, accepted } };
}

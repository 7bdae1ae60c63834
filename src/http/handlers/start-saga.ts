import type { Reply, RouteRequest, Services } from '../route.ts';

type Start = RouteRequest<{ type: string }, unknown, Record<string, unknown>>;

/** Accepts a saga: it is on disk when this answers, and runs without anybody waiting for it. */
export async function startSaga({ params, body, headers, actor }: Start, { runner }: Services): Promise<Reply> {
  const idempotencyKey = headers['idempotency-key'];
  const options = idempotencyKey === undefined ? { actor } : { actor, idempotencyKey };
  const { sagaId, status } = await runner.start(params.type, body, options);
  return { status: 202, body: { sagaId, status }, headers: { location: `/api/sagas/${encodeURIComponent(sagaId)}` } };
}

import { RunnerError } from '../../core/errors.ts';
import { isInfrastructureFault } from '../../store/fault.ts';
import type { Feed } from '../feed.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

/** A saga, live. */
export async function streamSaga({ params }: RouteRequest<{ sagaId: string }>, { feeds }: Services): Promise<Reply> {
  const feed = feeds.saga(params.sagaId);
  await requireReadable(feed);
  return {
    status: 200,
    stream: async function* (signal) {
      for await (const data of feed.follow(signal)) yield { event: 'saga', data };
    },
  };
}

/** What is refused is refused before the stream begins; while PostgreSQL is away it begins, and waits. */
export async function requireReadable(feed: Pick<Feed<unknown>, 'peek'>): Promise<void> {
  try {
    await feed.peek();
  } catch (error) {
    const isAway = error instanceof RunnerError ? error.code === 'DATABASE_UNAVAILABLE' : isInfrastructureFault(error);
    if (!isAway) throw error;
  }
}

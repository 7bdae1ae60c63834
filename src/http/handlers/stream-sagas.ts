import type { Page, SagaFilter, SagaSummary } from '../../store/views.ts';
import type { Feed } from '../feed.ts';
import type { EventStream, Reply, RouteRequest, Services } from '../route.ts';
import { requireReadable } from './stream-saga.ts';

/** A list, live. */
export async function streamSagas({ query }: RouteRequest<unknown, SagaFilter>, { feeds }: Services): Promise<Reply> {
  const feed = feeds.list(query);
  await requireReadable(feed);
  return { status: 200, stream: changes(feed) };
}

/** First all rows, then those that are new or have changed; and the ids of all, in their order. */
function changes(feed: Feed<Page<SagaSummary>>): EventStream {
  return async function* (signal) {
    let sent: ReadonlyMap<string, string> = new Map();
    for await (const page of feed.follow(signal)) {
      const now = new Map(page.items.map((item) => [item.sagaId, JSON.stringify(item)]));
      const items = page.items.filter(({ sagaId }) => now.get(sagaId) !== sent.get(sagaId));
      yield { event: 'sagas', data: { items, ids: [...now.keys()] } };
      sent = now;
    }
  };
}

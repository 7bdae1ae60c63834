import { RunnerError } from '../core/errors.ts';
import { createSlots } from '../processors/slots.ts';
import type { Runner } from '../runner/interface.ts';
import type { Page, SagaFilter, SagaSummary, SagaView } from '../store/views.ts';
import { STATEMENT_MS, within } from '../store/within.ts';
import type { Feed } from './feed.ts';
import { createFeed } from './feed.ts';

/** What is watched live. */
export interface Feeds {
  /** The first page of a list: one feed for each distinct filter. */
  list(filter: SagaFilter): Feed<Page<SagaSummary>>;
  saga(sagaId: string): Feed<SagaView>;
}

const LIST_MS = 1_000;
const SAGA_MS = 500;
/** Whatever is watched, it takes so many of the connections that starts need, too. */
const READS = 2;
/** How long a feed is kept that nobody follows yet, in milliseconds. */
const UNUSED_MS = 10_000;

const isSame = (before: unknown, now: unknown) => JSON.stringify(before) === JSON.stringify(now);
const isGone = (error: unknown) => error instanceof RunnerError && error.code === 'UNKNOWN_SAGA';

export function createFeeds(runner: Pick<Runner, 'get' | 'list'>): Feeds {
  const slots = createSlots(READS, new AbortController().signal);
  const shared = <T>(everyMs: number, source: (key: string) => Promise<T>) => {
    const feeds = new Map<string, Feed<T>>();
    const open = (key: string) => {
      const read = () => slots.use(() => within(STATEMENT_MS, 'PostgreSQL', source(key)));
      const feed = createFeed({ read, everyMs, isSame, isOver: isGone, onIdle: () => feeds.delete(key) });
      feeds.set(key, feed);
      setTimeout(() => feed.isFollowed() || feeds.delete(key), UNUSED_MS).unref();
      return feed;
    };
    return (key: string) => feeds.get(key) ?? open(key);
  };
  const lists = shared(LIST_MS, (key) => runner.list(JSON.parse(key) as SagaFilter));
  const sagas = shared(SAGA_MS, (sagaId) => runner.get(sagaId));
  return { list: (filter) => lists(keyOf(filter)), saga: sagas };
}

/** The same for the same filter. */
function keyOf({ type, status, from, to, q, limit }: SagaFilter): string {
  const statuses = status === undefined || typeof status === 'string' ? status : [...status].sort();
  return JSON.stringify({ type, status: statuses, from, to, q, limit });
}

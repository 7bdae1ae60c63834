import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedRead } from '../store/reads/shared-read.ts';

/** What is read again and again while somebody follows it, once for all who do. */
export interface Feed<T> {
  /** What it is now. Those who ask together, and who follow, have one read. */
  peek(): Promise<T>;
  /** What it is and, whenever it changes, what it has become; who is slow gets the newest alone. Ends with `signal`, or when
   *  there is nothing to follow any more. What cannot be read is tried again: a server that is away ends nothing. */
  follow(signal: AbortSignal): AsyncGenerator<T, void>;
  isFollowed(): boolean;
}

export interface FeedOptions<T> {
  readonly read: () => Promise<T>;
  /** The pause between two reads, in milliseconds; a slow read has a longer one. */
  readonly everyMs: number;
  readonly isSame: (before: T, now: T) => boolean;
  /** Whether an error means that there is nothing to follow any more. */
  readonly isOver: (error: unknown) => boolean;
  /** Nobody follows it any more. */
  readonly onIdle: () => void;
}

/** A read has a pause of so many times as long as it took: a feed uses a tenth of a connection at most. */
const REST = 9;

export function createFeed<T>({ read, everyMs, isSame, isOver, onIdle }: FeedOptions<T>): Feed<T> {
  const peek = sharedRead(read, (tookMs) => Math.max(everyMs / 2, tookMs * REST));
  const news = new EventEmitter().setMaxListeners(0);
  let followers = 0;
  let latest: { readonly value: T } | undefined;
  let isOpen = true;
  let isRunning = false;

  const look = async () => {
    try {
      const value = await peek();
      if (latest && isSame(latest.value, value)) return;
      latest = { value };
    } catch (error) {
      if (!isOver(error)) return;
      isOpen = false;
    }
    news.emit('change');
  };
  const run = async () => {
    isRunning = true;
    while (followers > 0) {
      await look();
      await sleep(everyMs, undefined, { ref: false });
    }
    isRunning = false;
    latest = undefined;
  };
  const leave = () => {
    followers -= 1;
    if (followers === 0) onIdle();
  };
  return {
    peek,
    isFollowed: () => followers > 0,
    follow: async function* (signal) {
      followers += 1;
      if (!isRunning) void run();
      try {
        for (let seen: typeof latest; isOpen && !signal.aborted;) {
          if (latest === seen || !latest) await once(news, 'change', { signal }).catch(() => undefined);
          else yield (seen = latest).value;
        }
      } finally {
        leave();
      }
    },
  };
}

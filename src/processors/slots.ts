import { HandBackError } from './bounded.ts';

/** The process stops, and what waited for a slot has not begun. */
export class NotBegunError extends HandBackError {}

/** Lets so many in at a time; the others wait in their order. */
export interface Slots {
  /** Runs `work` when there is a slot for it. Throws a `NotBegunError` if the process stops before. */
  use<R>(work: () => Promise<R>): Promise<R>;
}

/** `stopping` aborts when nobody is let in any more. */
export function createSlots(count: number, stopping: AbortSignal): Slots {
  const waiting = new Set<{ enter(): void; leave(): void }>();
  let free = count;
  const turnAway = () => {
    waiting.forEach(({ leave }) => leave());
    waiting.clear();
  };
  stopping.addEventListener('abort', turnAway, { once: true });

  const take = async () => {
    if (stopping.aborted) throw new NotBegunError('The worker is stopping');
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      waiting.add({ enter: resolve, leave: () => reject(new NotBegunError('The worker is stopping')) });
    });
  };
  const giveBack = () => {
    const [next] = waiting;
    if (!next) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next.enter();
  };
  return {
    use: async (work) => {
      await take();
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}

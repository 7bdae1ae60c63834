interface Waiting<Entry, Result> {
  readonly entry: Entry;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit<Entry, Result> {
  /** Resolves when the entry is committed. */
  submit(entry: Entry): Promise<Result>;
}

export interface GroupCommitOptions<Entry, Result> {
  /** Commits all entries in one transaction and answers one result for each, in their order. */
  readonly commit: (entries: readonly Entry[]) => Promise<readonly Result[]>;
  /** Two entries of one key are never in one batch. */
  readonly keyOf: (entry: Entry) => string;
  /** An error of this kind concerns every entry; another may concern one, and each is then committed on its own. */
  readonly isShared: (error: unknown) => boolean;
  /** Default 500. */
  readonly maxBatch?: number;
  /** Told of each commit, failed ones too: how many entries it had, and how long it took in milliseconds. Must not throw. */
  readonly onFlush?: OnFlush | undefined;
}

export type OnFlush = (entries: number, durationMs: number) => void;

/**
 * Commits together what arrives together: at most one commit is in flight, and what comes meanwhile is the next batch.
 * A lone entry is committed at once.
 */
export function createGroupCommit<Entry, Result>(
  options: GroupCommitOptions<Entry, Result>,
): GroupCommit<Entry, Result> {
  const maxBatch = options.maxBatch ?? 500;
  let waiting: Waiting<Entry, Result>[] = [];
  let flushing = false;

  function takeBatch(): Waiting<Entry, Result>[] {
    const batch = new Map<string, Waiting<Entry, Result>>();
    const rest: Waiting<Entry, Result>[] = [];
    for (const item of waiting) {
      const key = options.keyOf(item.entry);
      if (batch.size < maxBatch && !batch.has(key)) batch.set(key, item);
      else rest.push(item);
    }
    waiting = rest;
    return [...batch.values()];
  }

  async function commit(batch: readonly Waiting<Entry, Result>[]): Promise<readonly Result[]> {
    const startedAt = performance.now();
    try {
      return await options.commit(batch.map((item) => item.entry));
    } finally {
      options.onFlush?.(batch.length, performance.now() - startedAt);
    }
  }

  async function commitBatch(batch: readonly Waiting<Entry, Result>[]): Promise<void> {
    try {
      const results = await commit(batch);
      batch.forEach((item, index) => item.resolve(results[index] as Result));
    } catch (error) {
      if (batch.length === 1 || options.isShared(error)) batch.forEach((item) => item.reject(error));
      else for (const item of batch) await commitBatch([item]);
    }
  }

  async function flush(): Promise<void> {
    flushing = true;
    while (waiting.length > 0) await commitBatch(takeBatch());
    flushing = false;
  }

  return {
    submit: (entry) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ entry, resolve, reject });
        // In a microtask, so that what one tick submits is one batch. `flush` never rejects: errors go to the entries.
        if (!flushing) {
          flushing = true;
          queueMicrotask(() => void flush());
        }
      }),
  };
}

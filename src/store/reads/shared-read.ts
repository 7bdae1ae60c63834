/**
 * A read that many may ask for and few pay for: at most one is under way, and its answer is given again for `keepMs` of how
 * long it took, both in milliseconds. A failure is not kept.
 */
export function sharedRead<T>(read: () => Promise<T>, keepMs: (tookMs: number) => number): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let kept: { readonly value: T; readonly untilMs: number } | undefined;
  const readOnce = async () => {
    const startedAt = performance.now();
    try {
      const value = await read();
      const now = performance.now();
      kept = { value, untilMs: now + keepMs(now - startedAt) };
      return value;
    } finally {
      underWay = undefined;
    }
  };
  return () => {
    if (kept && performance.now() < kept.untilMs) return Promise.resolve(kept.value);
    return (underWay ??= readOnce());
  };
}

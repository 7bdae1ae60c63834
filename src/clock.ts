/** Time, so that tests can hold it, and rehearsals need not wait. */
export interface Clock {
  /** Milliseconds since any moment; never goes back. */
  nowMs(): number;
  /** Calls `work` once, after `ms`; what it returns prevents that. */
  after(ms: number, work: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

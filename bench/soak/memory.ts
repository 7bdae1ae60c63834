/** Of one process, in bytes. */
export interface Memory {
  readonly rss: number;
  /** What is in use after a collection. */
  readonly heap: number;
}

/** Needs `node --expose-gc`: what is garbage is no growth. */
export function ownMemory(): Memory {
  if (!global.gc) throw new Error('Run with node --expose-gc');
  global.gc();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}

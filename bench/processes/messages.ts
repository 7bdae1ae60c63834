/** What the benchmark and its processes tell each other. */
import type { World } from '../contenders/contender.ts';

export type Order =
  /** To a starter: starts sagas for `seconds`, at most `inFlight` at once, and waits for the last one. */
  | { readonly kind: 'load'; readonly seconds: number; readonly inFlight: number }
  /** To a starter: starts `count` sagas at an even pace and measures each from its start to its end. */
  | { readonly kind: 'pace'; readonly count: number; readonly perSecond: number }
  /** To a starter: so many sagas have done the last thing they do. */
  | { readonly kind: 'acted'; readonly count: number }
  | { readonly kind: 'stop' };

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'acted'; readonly count: number }
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly message: string };

export interface LoadAnswer {
  readonly sagas: number;
  /** From the first start to the last end. */
  readonly seconds: number;
}

/** Milliseconds from the call of a start until it was answered, and until its saga's end was seen. */
export interface PaceAnswer {
  readonly startMs: readonly number[];
  readonly endMs: readonly number[];
}

export function report(message: Report): void {
  if (process.connected) process.send?.(message);
}

/** The world that this process was forked into. */
export function readWorld(): World {
  return JSON.parse(process.argv[2] ?? '') as World;
}

/** Answers orders until the order to stop. Without its parent the process ends: nobody would stop it. */
export function serve(handle: (order: Order) => unknown, close: () => Promise<void>): void {
  process.once('disconnect', () => process.exit(1));
  process.on('message', (order: Order) => {
    if (order.kind === 'stop') void close().then(() => process.exit(0));
    else void answer(handle, order);
  });
  report({ kind: 'ready' });
}

async function answer(handle: (order: Order) => unknown, order: Order): Promise<void> {
  try {
    const value = await handle(order);
    if (value !== undefined) report({ kind: 'answer', value });
  } catch (error) {
    report({ kind: 'failed', message: error instanceof Error ? (error.stack ?? '') : String(error) });
  }
}

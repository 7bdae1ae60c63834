/** What the benchmark and its processes tell each other. */
import type { World } from '../contenders/contender.ts';

export type Order =
  | LoadOrder
  /** To a starter: starts `count` sagas at an even pace and measures each start, and each end unless told not to. */
  | { readonly kind: 'pace'; readonly count: number; readonly perSecond: number; readonly ends?: false }
  /** To a starter: starts `count` sagas as fast as it can, and does not wait for their ends. */
  | { readonly kind: 'start'; readonly count: number }
  /** To a starter: so many sagas have done the last thing they do. */
  | { readonly kind: 'acted'; readonly count: number }
  /** To a held worker: steps do not wait any more. */
  | { readonly kind: 'release' }
  /** To an API: where it listens. */
  | { readonly kind: 'url' }
  | { readonly kind: 'stop' };

/** To a starter: starts sagas for `seconds`, and waits for the last one. */
export interface LoadOrder {
  readonly kind: 'load';
  readonly seconds: number;
  /** Sagas that have not ended. */
  readonly inFlight: number;
  /** Starts that were not answered. */
  readonly startsAtOnce: number;
}

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'acted'; readonly count: number }
  /** A held worker ran a step of each of these. */
  | { readonly kind: 'ran'; readonly sagaIds: readonly string[] }
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly message: string };

export interface LoadAnswer {
  readonly sagas: number;
  /** From the first start to the last end. */
  readonly seconds: number;
  /** Milliseconds from the call of each start until it was answered. */
  readonly startMs: readonly number[];
}

/** Milliseconds from the call of a start until it was answered, and until its saga's end was seen (none if not asked for). */
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

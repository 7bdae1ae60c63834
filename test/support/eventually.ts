import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface EventuallyOptions {
  /** Default 15_000. */
  readonly timeoutMs?: number;
  /** Default 25. */
  readonly intervalMs?: number;
}

/**
 * Polls `condition` until it returns something truthy, which is returned. When the time is up it throws with what the
 * condition returned or threw last.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 15_000, intervalMs = 25 }: EventuallyOptions = {},
): Promise<NonNullable<Exclude<T, false | 0 | ''>>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await attempt(condition);
    if (outcome.kind === 'value' && outcome.value) return outcome.value as NonNullable<Exclude<T, false | 0 | ''>>;
    if (performance.now() > deadline) throw timeoutError(timeoutMs, outcome);
    await sleep(intervalMs);
  }
}

type Outcome =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'error'; readonly error: unknown };

async function attempt(condition: () => unknown): Promise<Outcome> {
  try {
    return { kind: 'value', value: await condition() };
  } catch (error) {
    return { kind: 'error', error };
  }
}

function timeoutError(timeoutMs: number, last: Outcome): Error {
  if (last.kind === 'value') return new Error(`Not true after ${timeoutMs} ms; last value: ${inspect(last.value)}`);
  return new Error(`Not true after ${timeoutMs} ms; last error: ${inspect(last.error)}`, { cause: last.error });
}

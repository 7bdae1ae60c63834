/**
 * Whether the API answers. Requests and streams report what they see; while it does not, one heartbeat asks again with
 * growing pauses, and `restored` tells when it is back.
 */
import { ApiError, Unreachable, call } from './client.ts';

export interface Connection {
  readonly up: boolean;
  /** When it was lost, in milliseconds since the epoch. */
  readonly lostAt: number | null;
  /** When it is asked again. */
  readonly retryAt: number | null;
  /** Grows each time it comes back. */
  readonly epoch: number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** A connection that is lost again sooner has not been restored: the pauses go on growing. */
const STEADY_MS = 10_000;

let current: Connection = { up: true, lostAt: null, retryAt: null, epoch: 0 };
let pauseMs = FIRST_PAUSE_MS;
let restoredAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export const readConnection = (): Connection => current;

export function subscribeConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(next: Connection): void {
  current = next;
  for (const listener of listeners) listener();
}

export function reportLost(): void {
  if (!current.up) return;
  if (Date.now() - restoredAt > STEADY_MS) pauseMs = FIRST_PAUSE_MS;
  become({ ...current, up: false, lostAt: Date.now() });
  schedule();
}

/** Asks at once. */
export function retryNow(): void {
  clearTimeout(timer);
  void heartbeat();
}

function schedule(): void {
  become({ ...current, retryAt: Date.now() + pauseMs });
  timer = setTimeout(() => void heartbeat(), pauseMs);
  pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
}

async function heartbeat(): Promise<void> {
  if (current.up) return;
  become({ ...current, retryAt: null });
  try {
    await call('/api/session');
    restore();
  } catch (error) {
    // An answer is an answer: 401 is dealt with by what is refetched.
    if (error instanceof ApiError && error.status < 500) restore();
    else schedule();
  }
}

function restore(): void {
  restoredAt = Date.now();
  become({ up: true, lostAt: null, retryAt: null, epoch: current.epoch + 1 });
}

export const isLoss = (error: unknown): boolean => error instanceof Unreachable;

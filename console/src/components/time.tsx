import { useSyncExternalStore } from 'react';
import { relativeTime } from '../model/time.ts';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let nowMs = Date.now();

/** One clock for all times on the page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

/** Milliseconds since the epoch, a second apart. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => nowMs);

const ABSOLUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export const absoluteTime = (iso: string): string => ABSOLUTE.format(new Date(iso));

/** How long ago, with the time itself in its title. */
export function Time({ at }: { readonly at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={`${absoluteTime(at)} (${at})`}>
      {relativeTime(at, now)}
    </time>
  );
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

interface ClockTimeProps {
  readonly at: string;
  /** Whether milliseconds matter. */
  readonly exact?: boolean;
}

/** The time of day, with the day in its title. */
export function ClockTime({ at, exact = false }: ClockTimeProps) {
  const millis = String(new Date(at).getMilliseconds()).padStart(3, '0');
  return (
    <time dateTime={at} title={`${absoluteTime(at)} (${at})`}>
      {CLOCK.format(new Date(at))}
      {exact ? `.${millis}` : ''}
    </time>
  );
}

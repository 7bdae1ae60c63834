import { usageError } from '../cli-error.ts';

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS_MS;

const SPAN = /^(\d{1,6})([smhdw])$/;

/** `2026-01-02` and `2026-01-02T03:04`, with or without seconds and zone; without a zone it is this machine's time. */
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** `--since 1h` (before now), or an ISO time, as an ISO time in UTC. Throws a usage error that names the option. */
export function parseMoment(option: string, text: string, nowMs: number): string {
  const [, count, unit] = SPAN.exec(text) ?? [];
  const atMs = count === undefined ? isoToMs(text) : nowMs - Number(count) * UNITS_MS[unit as Unit];
  if (Number.isNaN(atMs))
    throw usageError(`${option}: expected a span such as 30m, 2h, 7d or an ISO time, got ${JSON.stringify(text)}`);
  return new Date(atMs).toISOString();
}

const isoToMs = (text: string) => (ISO.test(text) ? Date.parse(text) : Number.NaN);

/** `5m ago`, `in 2h`; nothing for null. */
export function relative(iso: string | null | undefined, nowMs: number): string {
  if (iso === null || iso === undefined) return '';
  const ms = nowMs - Date.parse(iso);
  if (Number.isNaN(ms)) return iso;
  return ms < 0 ? `in ${span(-ms)}` : `${span(ms)} ago`;
}

/** In its largest unit, rounded down: `59s`, `3h`. */
export function span(ms: number): string {
  const unit: Unit =
    ms < UNITS_MS.m ? 's' : ms < UNITS_MS.h ? 'm' : ms < UNITS_MS.d ? 'h' : ms < 2 * UNITS_MS.w ? 'd' : 'w';
  return `${Math.floor(ms / UNITS_MS[unit])}${unit}`;
}

/** How long something took: `340 ms`, `2.4 s`, then as `span`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : span(ms);
}

/** To the second, in UTC: `2026-01-02 03:04:05Z`. What is no time comes back as it is. */
export function absolute(iso: string): string {
  return iso.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/, '$1 $2Z');
}

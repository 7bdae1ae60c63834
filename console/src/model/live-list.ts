/** A list that is read page by page, and kept current by a stream of its newest rows. */
import type { Page, SagaSummary } from '../api/types.ts';

export interface LiveEvent {
  /** New or changed rows. */
  readonly items: readonly SagaSummary[];
  /** All rows of the stream's window, newest first. */
  readonly ids: readonly string[];
}

type Pages = readonly Page<SagaSummary>[];

/** Changed rows in their places; rows that are new are for `arrivals`. */
export function withChanges(pages: Pages, { items }: LiveEvent): Pages {
  const changed = new Map(items.map((row) => [row.sagaId, row]));
  const isTouched = (page: Page<SagaSummary>) => page.items.some(({ sagaId }) => changed.has(sagaId));
  if (!pages.some(isTouched)) return pages;
  return pages.map((page) =>
    isTouched(page) ? { ...page, items: page.items.map((row) => changed.get(row.sagaId) ?? row) } : page,
  );
}

/** The rows of the event that belong above what is shown, newest first. */
export function arrivals(pages: Pages, { items, ids }: LiveEvent): readonly SagaSummary[] {
  const shown = new Set(pages.flatMap((page) => page.items.map(({ sagaId }) => sagaId)));
  const newestShown = ids.findIndex((id) => shown.has(id));
  const above = new Set(newestShown === -1 ? ids : ids.slice(0, newestShown));
  return items.filter(({ sagaId }) => above.has(sagaId));
}

/** Rows that the filter no longer takes: they are within the `watched` newest rows, and not among the stream's. */
export function departures(pages: Pages, { ids }: LiveEvent, watched: number): ReadonlySet<string> {
  const rows = pages.flatMap((page) => page.items);
  const current = new Set(ids);
  // A window that is not full is the whole list.
  const isWhole = ids.length < watched;
  const lastKnown = isWhole ? rows.length - 1 : rows.findLastIndex(({ sagaId }) => current.has(sagaId));
  return new Set(
    rows
      .slice(0, lastKnown + 1)
      .filter(({ sagaId }) => !current.has(sagaId))
      .map(({ sagaId }) => sagaId),
  );
}

/** New rows that wait to be shown, with their newest content, newest first. */
export function mergeWaiting(waiting: readonly SagaSummary[], arrived: readonly SagaSummary[]): readonly SagaSummary[] {
  const again = new Set(arrived.map(({ sagaId }) => sagaId));
  return [...arrived, ...waiting.filter(({ sagaId }) => !again.has(sagaId))].sort((a, b) =>
    b.startedAt.localeCompare(a.startedAt),
  );
}

/** The pages with the new rows on top, and without the departed ones. */
export function refreshed(pages: Pages, rows: readonly SagaSummary[], departed: ReadonlySet<string>): Pages {
  const added = new Set(rows.map(({ sagaId }) => sagaId));
  return pages.map((page, index) => {
    const kept = page.items.filter(({ sagaId }) => !departed.has(sagaId) && !added.has(sagaId));
    return { ...page, items: index === 0 ? [...rows, ...kept] : kept };
  });
}

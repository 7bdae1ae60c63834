import type { SagaSummary } from '../../console/src/api/types.ts';
import { arrivals, departures, mergeWaiting, refreshed, withChanges } from '../../console/src/model/live-list.ts';

const row = (id: number, status: SagaSummary['status'] = 'RUNNING'): SagaSummary => ({
  sagaId: `s-${id}`,
  type: 'BOOK_TRIP',
  status,
  currentStep: 'CHARGE',
  stepIndex: 0,
  error: null,
  reason: null,
  retryCount: 0,
  startedAt: new Date(id * 1_000).toISOString(),
  updatedAt: new Date(id * 1_000).toISOString(),
  completedAt: null,
  timeoutAt: null,
});

const page = (...ids: number[]) => ({ items: ids.map((id) => row(id)), nextCursor: null });
const ids = (...numbers: number[]) => numbers.map((id) => `s-${id}`);
const idsOf = (rows: readonly SagaSummary[]) => rows.map(({ sagaId }) => sagaId);

test('a changed row changes in its place, on any page, and nothing else does', () => {
  const pages = [page(5, 4), page(3, 2)];
  const changed = withChanges(pages, { items: [row(3, 'COMPLETED')], ids: ids(5, 4, 3, 2) });
  expect(changed[0]).toBe(pages[0]);
  expect(changed[1]?.items.map(({ status }) => status)).toEqual(['COMPLETED', 'RUNNING']);
});

test('an event without a shown row leaves the pages as they are', () => {
  const pages = [page(2, 1)];
  expect(withChanges(pages, { items: [row(9)], ids: ids(9, 2, 1) })).toBe(pages);
});

test('what is newer than all that is shown has arrived; older rows of the window have not', () => {
  const event = { items: [row(7), row(6), row(5), row(1)], ids: ids(7, 6, 5, 4, 1) };
  expect(idsOf(arrivals([page(5, 4)], event))).toEqual(ids(7, 6));
});

test('everything has arrived where nothing was shown', () => {
  expect(idsOf(arrivals([page()], { items: [row(2), row(1)], ids: ids(2, 1) }))).toEqual(ids(2, 1));
});

test('a row within the window that is no longer of the list has departed; rows below the window have not', () => {
  expect([...departures([page(5, 4, 3), page(2, 1)], { items: [], ids: ids(5, 3) }, 2)]).toEqual(ids(4));
});

test('a window that is not full is the whole list: what is not in it has departed', () => {
  expect([...departures([page(5, 4), page(1)], { items: [], ids: ids(5) }, 200)]).toEqual(ids(4, 1));
  expect([...departures([page(5)], { items: [], ids: [] }, 200)]).toEqual(ids(5));
});

test('rows that wait are newest first, each once, as they are now', () => {
  const waiting = mergeWaiting([row(6), row(5)], [row(7), row(5, 'COMPLETED')]);
  expect(waiting.map(({ sagaId, status }) => [sagaId, status])).toEqual([
    ['s-7', 'RUNNING'],
    ['s-6', 'RUNNING'],
    ['s-5', 'COMPLETED'],
  ]);
});

test('a refreshed list has the new on top, the departed gone, and each row once', () => {
  const pages = refreshed([page(5, 4), page(3)], [row(6), row(5)], new Set(ids(3)));
  expect(pages.map(({ items }) => idsOf(items))).toEqual([ids(6, 5, 4), []]);
});

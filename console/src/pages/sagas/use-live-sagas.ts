import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useState } from 'react';
import { urlOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { SagaListFilter } from '../../api/filters.ts';
import { sagaPages } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';
import type { Page, SagaSummary } from '../../api/types.ts';
import { arrivals, departures, mergeWaiting, refreshed, withChanges, type LiveEvent } from '../../model/live-list.ts';

type Data = InfiniteData<Page<SagaSummary>, string | null>;

/** How many of the newest rows are watched. */
const WATCHED = 200;
const NOBODY: ReadonlySet<string> = new Set();

/**
 * The list, with changed rows in their places. At the top of the page new rows appear by themselves; further down they
 * wait, so that the list does not move under somebody's eyes. One use is for one filter.
 */
export function useLiveSagas(filter: SagaListFilter) {
  const client = useQueryClient();
  const list = useInfiniteQuery({ ...sagaPages(filter), refetchOnWindowFocus: false });
  const [waiting, setWaiting] = useState<readonly SagaSummary[]>([]);
  const [departed, setDeparted] = useState(NOBODY);

  const receive = (event: LiveEvent) => {
    const data = client.getQueryData<Data>(keys.sagas(filter));
    if (!data) return;
    const rows = mergeWaiting(waiting, arrivals(data.pages, event)).filter(({ sagaId }) => event.ids.includes(sagaId));
    const gone = departures(data.pages, event, WATCHED);
    const pages = withChanges(data.pages, event);
    const follow = isAtTop();
    const next = follow ? refreshed(pages, rows, gone) : pages;
    client.setQueryData<Data>(keys.sagas(filter), { ...data, pages: [...next] });
    setWaiting(follow ? [] : rows);
    setDeparted(follow ? NOBODY : gone);
  };
  const stream = list.data ? urlOf('/api/sagas/stream', { ...filter, limit: WATCHED }) : null;
  useStream(stream, 'sagas', (event) => receive(event as LiveEvent));

  const show = () => {
    client.setQueryData<Data>(keys.sagas(filter), (data) =>
      data ? { ...data, pages: [...refreshed(data.pages, waiting, departed)] } : data,
    );
    setWaiting([]);
    setDeparted(NOBODY);
    window.scrollTo({ top: 0 });
  };
  return { list, waiting, departed, show };
}

/** Within this many pixels of the top nobody minds that the list moves. */
const TOP_PX = 80;

const isAtTop = (): boolean => window.scrollY < TOP_PX;

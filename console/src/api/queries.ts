/** What the pages ask for: each answer has one description, wherever it is used. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call, type Query } from './client.ts';
import type { AuditFilter, SagaListFilter, TaskListFilter } from './filters.ts';
import { keys } from './keys.ts';
import type {
  AuditEntry,
  Definition,
  GroupRetry,
  Overview,
  OverviewWindow,
  Page,
  QueueView,
  SagaJob,
  SagaSummary,
  SagaView,
  Session,
  TaskGroup,
  TaskView,
} from './types.ts';

interface Items<T> {
  readonly items: readonly T[];
}

const POLL_MS = 5_000;

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: ({ signal }) => call<Session>('/api/session', { signal }),
  staleTime: 60_000,
});

export const overviewQuery = (window: OverviewWindow) =>
  queryOptions({
    queryKey: keys.overviewOf(window),
    queryFn: ({ signal }) => call<Overview>('/api/admin/overview', { query: { window }, signal }),
    refetchInterval: POLL_MS,
  });

export const queuesQuery = queryOptions({
  queryKey: keys.queues,
  queryFn: async ({ signal }) => (await call<Items<QueueView>>('/api/queues', { signal })).items,
  refetchInterval: POLL_MS,
});

export const definitionsQuery = queryOptions({
  queryKey: keys.definitions,
  queryFn: async ({ signal }) => (await call<Items<Definition>>('/api/definitions', { signal })).items,
  staleTime: 5 * 60_000,
});

export const sagaQuery = (sagaId: string) =>
  queryOptions({
    queryKey: keys.saga(sagaId),
    queryFn: ({ signal }) => call<SagaView>(`/api/sagas/${encodeURIComponent(sagaId)}`, { signal }),
  });

export const jobsQuery = (sagaId: string) =>
  queryOptions({
    queryKey: keys.jobs(sagaId),
    queryFn: async ({ signal }) =>
      (await call<Items<SagaJob>>(`/api/sagas/${encodeURIComponent(sagaId)}/jobs`, { signal })).items,
    refetchInterval: POLL_MS,
  });

export const groupsQuery = queryOptions({
  queryKey: keys.groups,
  queryFn: async ({ signal }) => (await call<Items<TaskGroup>>('/api/tasks/groups', { signal })).items,
  refetchInterval: POLL_MS,
});

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: keys.task(id),
    queryFn: ({ signal }) => call<TaskView>(`/api/tasks/${encodeURIComponent(id)}`, { signal }),
  });

export const groupRetryQuery = (id: string) =>
  queryOptions({
    queryKey: keys.groupRetry(id),
    queryFn: ({ signal }) => call<GroupRetry>(`/api/tasks/retries/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'finished' ? false : 1_000),
  });

/** A list that is read page by page. */
const pagesOf = <T>(queryKey: readonly unknown[], path: string, query: Query, limit: number) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => call<Page<T>>(path, { query: { ...query, limit, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<T>) => last.nextCursor,
  });

export const sagaPages = (filter: SagaListFilter) => pagesOf<SagaSummary>(keys.sagas(filter), '/api/sagas', filter, 50);

export const taskPages = (filter: TaskListFilter) => pagesOf<TaskView>(keys.taskList(filter), '/api/tasks', filter, 50);

export const auditPages = (filter: AuditFilter) => pagesOf<AuditEntry>(keys.audit(filter), '/api/audit', filter, 100);

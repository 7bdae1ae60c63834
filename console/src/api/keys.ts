/** The names under which answers are kept. What begins alike is refetched together. */
import type { AuditFilter, SagaListFilter, TaskListFilter } from './filters.ts';
import type { OverviewWindow } from './types.ts';

export const keys = {
  session: ['session'],
  overview: ['overview'],
  overviewOf: (window: OverviewWindow) => ['overview', window],
  queues: ['queues'],
  definitions: ['definitions'],
  sagas: (filter: SagaListFilter) => ['sagas', filter],
  saga: (sagaId: string) => ['saga', sagaId],
  jobs: (sagaId: string) => ['saga', sagaId, 'jobs'],
  allTasks: ['tasks'],
  groups: ['tasks', 'groups'],
  taskList: (filter: TaskListFilter) => ['tasks', 'list', filter],
  task: (id: string) => ['tasks', 'one', id],
  groupRetry: (id: string) => ['tasks', 'retry', id],
  audit: (filter: AuditFilter) => ['audit', filter],
} as const;

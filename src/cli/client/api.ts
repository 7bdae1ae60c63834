import type { SagaStatus } from '../../core/status.ts';
import type { AuditEntry, GroupRetry, Page, SagaSummary, SagaView, TaskGroup, TaskView } from '../../store/views.ts';
import { type HttpClient, pathOf } from './http.ts';
import type { QueueView } from '../../queues/queue-counts.ts';

/** Parameters of a list, as the API names them. */
export type Query = Readonly<Record<string, string | undefined>>;

export interface Items<T> {
  readonly items: readonly T[];
}

export interface Started {
  readonly sagaId: string;
  readonly status: SagaStatus;
}

export interface Signalled {
  readonly sagaId: string;
  readonly name: string;
  /** `before`: the same signal was accepted earlier. */
  readonly accepted: 'now' | 'before';
}

export interface Resolving {
  readonly resolution: string;
  readonly reason: string;
  /** What the step would have answered; only with `done`. */
  readonly output?: unknown;
}

/** The API's routes that the verbs use. Each throws a `CliError`. */
export interface Api {
  listSagas(query: Query): Promise<Page<SagaSummary>>;
  showSaga(sagaId: string): Promise<SagaView>;
  startSaga(type: string, input: unknown, idempotencyKey: string | undefined): Promise<Started>;
  cancelSaga(sagaId: string, reason: string): Promise<SagaView>;
  signalSaga(sagaId: string, name: string, payload: unknown, signalId: string | undefined): Promise<Signalled>;
  retryCompensation(sagaId: string, step: string, reason: string): Promise<SagaView>;
  listTasks(query: Query): Promise<Page<TaskView>>;
  showTask(id: string): Promise<TaskView>;
  resolveTask(id: string, resolving: Resolving): Promise<TaskView>;
  listGroups(): Promise<Items<TaskGroup>>;
  retryGroup(fingerprint: string, reason: string): Promise<GroupRetry>;
  showGroupRetry(id: string): Promise<GroupRetry>;
  listQueues(): Promise<Items<QueueView>>;
  listAudit(query: Query): Promise<Page<AuditEntry>>;
}

export function createApi({ get, post }: HttpClient): Api {
  return {
    listSagas: (query) => get('/api/sagas', { query }),
    showSaga: (id) => get(pathOf`/api/sagas/${id}`),
    startSaga: (type, body, key) => post(pathOf`/api/sagas/${type}`, { body, headers: { 'idempotency-key': key } }),
    cancelSaga: (id, reason) => post(pathOf`/api/sagas/${id}/cancel`, { body: { reason } }),
    signalSaga: (id, name, body, signalId) =>
      post(pathOf`/api/sagas/${id}/signals/${name}`, { body, headers: { 'idempotency-key': signalId } }),
    retryCompensation: (id, step, reason) =>
      post(pathOf`/api/sagas/${id}/compensations/${step}/retry`, { body: { reason } }),
    listTasks: (query) => get('/api/tasks', { query }),
    showTask: (id) => get(pathOf`/api/tasks/${id}`),
    resolveTask: (id, body) => post(pathOf`/api/tasks/${id}/resolve`, { body }),
    listGroups: () => get('/api/tasks/groups'),
    retryGroup: (fingerprint, reason) => post(pathOf`/api/tasks/groups/${fingerprint}/retry`, { body: { reason } }),
    showGroupRetry: (id) => get(pathOf`/api/tasks/retries/${id}`),
    listQueues: () => get('/api/queues'),
    listAudit: (query) => get('/api/audit', { query }),
  };
}

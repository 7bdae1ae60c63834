/** Backstep: sagas on BullMQ. PostgreSQL decides, BullMQ delivers. */
export { defineSaga } from './core/define.ts';
export type { SagaBuilder, SagaOptions } from './core/define.ts';
export { NOTHING_TO_UNDO, manual } from './core/definition.ts';
export type {
  CompensationContext,
  FailedCompensation,
  Limits,
  Rescue,
  SagaDefinition,
  SqlClient,
  SqlRunner,
  StepContext,
  StepOptions,
  TransactionOptions,
  TransactionOf,
  Verification,
  WaitOptions,
} from './core/definition.ts';
export { DefinitionError, RunnerError, TerminalError } from './core/errors.ts';
export type { RunnerErrorCode } from './core/errors.ts';
export type { Log, LogLine, PlainLog } from './core/log.ts';
export type { Notice, NoticeEvent, WebhookOptions } from './core/notice.ts';
export type { SagaStatus, StepStatus } from './core/status.ts';
export { HttpError, route } from './http/route.ts';
export type { EventStream, Reply, Role, Route, RouteRequest, Services, StreamEvent } from './http/route.ts';
export { createExposition } from './metrics/exposition.ts';
export type { Exposition, ExpositionOptions } from './metrics/exposition.ts';
export type { Fact, Meter } from './metrics/meter.ts';
export { createMetrics } from './metrics/prometheus.ts';
export type { MetricsOptions, ProcessMetrics } from './metrics/prometheus.ts';
export type { ModuleContext, SagaModule } from './modules.ts';
export type { ConsumedEvent, EventHandlers, Work, WorkOptions } from './processors/workers.ts';
export { postgresBackend, redisBackend } from './queues/backend.ts';
export type { PostgresBackendOptions, QueueBackend, RedisBackendOptions } from './queues/backend.ts';
export { createRunner } from './runner.ts';
export type { By, Runner, RunnerOptions, SignalOptions, StartOptions, Started } from './runner/interface.ts';
export { writeEvent } from './store/outbox.ts';
export type { OutboxEvent, WriteEventOptions } from './store/outbox.ts';
export type * from './store/views.ts';
export { verifyWebhook } from './webhooks.ts';
export type { WebhookRequest } from './webhooks.ts';

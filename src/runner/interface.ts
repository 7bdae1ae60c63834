import type { Queue } from 'bullmq';
import type { SagaDefinition, SqlClient } from '../core/definition.ts';
import type { Log, PlainLog } from '../core/log.ts';
import type { WebhookOptions } from '../core/notice.ts';
import type { SagaStatus } from '../core/status.ts';
import type { Meter } from '../metrics/meter.ts';
import type { EventHandlers, Work, WorkOptions } from '../processors/workers.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { SagaJob } from '../queues/saga-jobs.ts';
import type { SessionStore } from '../store/desk/sessions.ts';
import type { Figures } from '../store/reads/figures.ts';
import type {
  AuditEntry,
  AuditFilter,
  GroupRetry,
  OverviewFigures,
  OverviewWindow,
  Page,
  Resolution,
  SagaFilter,
  SagaMetrics,
  SagaSummary,
  SagaView,
  TaskFilter,
  TaskGroup,
  TaskView,
} from '../store/views.ts';

export interface RunnerOptions {
  /** The application's Prisma client. Backstep's tables must be in its database: see `backstep migrate`. */
  readonly prisma: SqlClient;
  /** The PostgreSQL schema that Backstep's tables are in, where it is not the one that the client's connections look into first:
   *  that of `backstep migrate` with `?schema=`. Default: the connections' search path finds them. */
  readonly schema?: string;
  /** Where jobs are kept, as `redis://host:port`: short for `queues: redisBackend({ url })`. One of the two is given. */
  readonly redis?: string;
  /** Where jobs are kept: `redisBackend(…)` or `postgresBackend(…)`. The runner closes it. */
  readonly queues?: QueueBackend;
  readonly sagas: readonly SagaDefinition[];
  /** pino's, `console`, or one of Nest's. Default: nothing is logged. */
  readonly log?: Log | PlainLog;
  /** The largest output of a step, and the largest input, as JSON text in bytes. Default 262_144. */
  readonly outputLimitBytes?: number;
  /** How long finished sagas are kept, in milliseconds. Default 30 days. */
  readonly retentionMs?: number;
  /** How long the audit of what people did is kept, in milliseconds. Default 365 days. */
  readonly auditRetentionMs?: number;
  /** Whom to tell of sagas and tasks over HTTP. All processes of a database need the same. Default: nobody. */
  readonly webhooks?: WebhookOptions;
  /** Is told what happens: `createMetrics(…).meter`. Default: nobody is. */
  readonly meter?: Meter;
}

export interface StartOptions {
  /** Starting again with the key and the same input answers the same saga. At most 200 characters. */
  readonly idempotencyKey?: string | undefined;
  /** Who starts it, for the audit. Default: nobody is named, and nothing is audited. */
  readonly actor?: string | undefined;
}

export interface Started {
  readonly sagaId: string;
  readonly status: SagaStatus;
  /** False where the idempotency key was known. */
  readonly created: boolean;
}

/** Who acts, for the record. */
export interface By {
  readonly actor: string;
  readonly reason: string;
}

/** Every refusal is a `RunnerError`; see its codes. */
export interface Runner {
  readonly definitions: ReadonlyMap<string, SagaDefinition>;
  /** Accepts a saga: it runs from the commit of its row on, even if the queues are away. */
  start(type: string, input: unknown, options?: StartOptions): Promise<Started>;
  get(sagaId: string): Promise<SagaView>;
  list(filter: SagaFilter): Promise<Page<SagaSummary>>;
  metrics(): Promise<SagaMetrics>;
  /** What has not ended, what waits for a person, and what ended when. Of ended sagas it may be some seconds old. */
  overview(window: OverviewWindow): Promise<OverviewFigures>;
  /** The saga's jobs that are in the queues now. Rejects with QUEUES_UNAVAILABLE where they do not answer within two seconds. */
  jobs(sagaId: string): Promise<readonly SagaJob[]>;
  /** Answers a waiting step by its name. `before`: the same signal, by its id, was received earlier. */
  signal(
    sagaId: string,
    name: string,
    payload: unknown,
    options?: SignalOptions,
  ): Promise<{ readonly accepted: 'now' | 'before' }>;
  /** Undoes a saga that has not ended; one that is being undone gets the ending CANCELLED. */
  cancel(sagaId: string, by: By): Promise<SagaView>;
  /** Tries a failed compensation again; the saga goes on from there. */
  retryCompensation(sagaId: string, step: string, by: By): Promise<SagaView>;
  /** What people did, newest first. */
  audit(filter: AuditFilter): Promise<Page<AuditEntry>>;
  /** Notes what a person does to the queues themselves. `detail`: such as `pause saga-steps`. */
  auditQueueAction(entry: { readonly actor: string; readonly detail: string; readonly sagaId?: string }): Promise<void>;
  tasks(filter: TaskFilter): Promise<Page<TaskView>>;
  task(taskId: string): Promise<TaskView>;
  /** Ends an open task as a person decided; `TaskView.resolutions` says what it can be, and `effects` what each does. `done` takes
   *  the step's output. Of two who resolve one task, one is first, and the other is refused with WRONG_STATE. */
  resolve(taskId: string, resolution: Resolution, by: By & { readonly output?: unknown }): Promise<TaskView>;
  /** Open tasks that ask for the same, the largest groups first: at most 200. */
  taskGroups(): Promise<readonly TaskGroup[]>;
  /** Tries all open tasks of a group again, one after the other, in whichever process has workers. */
  retryGroup(fingerprint: string, by: By): Promise<GroupRetry>;
  groupRetry(id: string): Promise<GroupRetry>;
  /** Runs steps, compensations, outcomes, the reconciler and the outbox's relay in this process. */
  work(options?: WorkOptions): Promise<Work>;
  /** Gives the jobs of workers that die to others, at once, until `close()`. `work()` and `consume()` do so too: this is for
   *  a process that has no workers, but sees them die. */
  watchWorkers(): void;
  /** Consumes the `events` queue. At least once: handlers are idempotent by the event's key. */
  consume(handlers: EventHandlers): Promise<Work>;
  readonly queues: { list(): readonly Queue[]; ping(): Promise<void> };
  /** What the API has to know of the sessions of browsers. */
  readonly sessions: SessionStore;
  /** How long the oldest step or compensation has been ready without having begun, in milliseconds; 0 where none is. */
  oldestReadyMs(): Promise<number>;
  /** Runs `work` in a span: below the active one, or else below `traceParent`, a W3C header. Without telemetry, `work` alone. */
  traced<R>(name: string, traceParent: string | undefined, work: () => Promise<R>): Promise<R>;
  /** What has not ended, and what waits for a person. Cheap, however much has ended. */
  figures(): Promise<Figures>;
  /** Resolves when PostgreSQL answers. */
  ping(): Promise<void>;
  /** Closes what the runner opened; the workers first. Prisma's client stays the caller's. */
  close(): Promise<void>;
}

export interface SignalOptions {
  /** The same signal again, by its id, is accepted; another one of the name is refused. */
  readonly signalId?: string;
  /** Who brings it, for the history and the audit. Default: nobody is named, and nothing is audited. */
  readonly actor?: string;
}

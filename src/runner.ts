import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Queue } from 'bullmq';
import type { Log, PlainLog } from './core/log.ts';
import { logOf } from './core/log.ts';
import { systemClock } from './clock.ts';
import type { SagaDefinition, SqlClient } from './core/definition.ts';
import { RunnerError, databaseUnavailable, messageOf } from './core/errors.ts';
import { checkSignal, newSaga } from './core/request.ts';
import type { WebhookOptions } from './core/notice.ts';
import { wantedNotices } from './core/notice.ts';
import { createRegistry } from './core/registry.ts';
import type { SagaStatus } from './core/status.ts';
import type { JournalName, Meter } from './metrics/meter.ts';
import { guardMeter } from './metrics/meter.ts';
import type { EventHandlers, Work, WorkOptions } from './processors/workers.ts';
import { createSlots } from './processors/slots.ts';
import { startEventWorker, startSagaWorkers } from './processors/workers.ts';
import type { QueueBackend } from './queues/backend.ts';
import { redisBackend } from './queues/backend.ts';
import type { Flows } from './queues/flows.ts';
import { createFlows } from './queues/flows.ts';
import { createPlaces } from './queues/places.ts';
import type { SagaJob } from './queues/saga-jobs.ts';
import { findSagaJobs } from './queues/saga-jobs.ts';
import { openQueues } from './queues/queues.ts';
import { createTracing } from './queues/tracing.ts';
import { resumeFlow, turnFlow } from './queues/rebuild.ts';
import { startHandOver } from './recovery/hand-over.ts';
import { startRecovery } from './recovery/recovery.ts';
import { listAudit, writeAudit } from './store/audit.ts';
import { createCompensations } from './store/sagas/compensations.ts';
import { isInfrastructureFault } from './store/fault.ts';
import type { Figures } from './store/reads/figures.ts';
import { readFigures } from './store/reads/figures.ts';
import { ownTables } from './store/in-schema.ts';
import { createJournal } from './store/journal/journal.ts';
import { readOldestReadyMs } from './store/reads/oldest-ready.ts';
import { createQueries } from './store/reads/queries.ts';
import { createResolving } from './store/desk/resolving.ts';
import { createSagaStore } from './store/sagas/sagas.ts';
import type { SessionStore } from './store/desk/sessions.ts';
import { createSessionStore } from './store/desk/sessions.ts';
import { createStarts } from './store/sagas/starts.ts';
import { createTaskViews } from './store/desk/task-views.ts';
import type { Decision } from './store/desk/resolving.ts';
import { findCompensationTask } from './store/sagas/tasks.ts';
import { transact } from './store/transact.ts';
import { beginGroupRetry, listGroups, readGroupRetry } from './store/desk/group-retries.ts';
import { createVerdicts } from './store/sagas/verdicts.ts';
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
} from './store/views.ts';
import { receiveSignal, waits } from './store/sagas/waits.ts';
import { within } from './store/within.ts';

export interface RunnerOptions {
  /** The application's Prisma client. Backstep's tables must be in its database: see `migrate`. */
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
  readonly idempotencyKey?: string;
  /** Who starts it, for the audit. Default: nobody is named, and nothing is audited. */
  readonly actor?: string;
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

const LIMIT_BYTES = 256 * 1_024;
const RETENTION_MS = 30 * 24 * 3_600_000;
const AUDIT_RETENTION_MS = 365 * 24 * 3_600_000;
/** How long a caller waits for the queues, in milliseconds. What is not delivered by then may yet be, and does no harm. */
const DELIVERY_MS = 2_000;
const TRANSACTION_BOUNDS = { maxWait: 5_000, timeout: 5_000 } as const;

/** Builds a runner. Connects lazily; nothing runs until `work()`. Throws a `DefinitionError` for a bad definition, a `TypeError`
 *  without a place for the jobs, and a `RangeError` for webhooks or a schema that are none. */
export function createRunner(options: RunnerOptions): Runner {
  const { prisma, outputLimitBytes = LIMIT_BYTES } = options;
  const log = logOf(options.log);
  const registry = createRegistry(options.sagas);
  const { client: sql, in: ownIn } = ownTables(prisma, options.schema);
  const { webhooks } = options;
  const wanted = webhooks && wantedNotices(webhooks);
  const backend = backendOf(options);
  const queues = openQueues(backend, registry, wanted !== undefined);
  for (const queue of queues.list) queue.on('error', (error) => log.debug({ err: error.message }, 'queue error'));
  const flows = createFlows(backend, queues, registry);
  const meter = guardMeter(options.meter, (error) => log.error({ err: messageOf(error) }, 'the meter fails'));
  const noteFlush = (journal: JournalName) => (entries: number, durationMs: number) =>
    meter.note({ kind: 'flush', journal, entries, durationMs });
  const sagas = createSagaStore(sql, registry, (change) => meter.note({ kind: 'saga', ...change }), wanted);
  const starts = createStarts(sql, noteFlush('starts'));
  const compensations = createCompensations(sql, sagas);
  const tasks = createTaskViews(sql, registry);
  const queries = createQueries(sql, registry, tasks);
  const resolving = createResolving(sql, sagas, outputLimitBytes);
  const verdicts = createVerdicts(sagas);
  const tracing = createTracing(backend.telemetry);
  const repair = { registry, sql, sagas, flows, verdicts, backend, tracing, log, meter };
  let watchingOver: Work | undefined;
  // At most 63 bytes with a queue's name: PostgreSQL cuts longer names of connections.
  const workerName = `${process.pid}-${randomBytes(8).toString('hex')}`;
  const working = new Set<Work>();

  const track = (work: Work): Work => {
    working.add(work);
    return work;
  };
  /** What the queues do not take now, the reconciler gives them later: the record is committed. */
  const deliver = async (sagaId: string, add: () => Promise<unknown>) => {
    try {
      await within(DELIVERY_MS, 'the queues', add());
    } catch (error) {
      log.warn({ sagaId, err: messageOf(error) }, 'queues out of reach, left to the reconciler');
    }
  };
  const resolve = async (taskId: string, decision: Decision) => {
    const before = await resolving.resolve(taskId, decision);
    await deliver(before.record.sagaId, () => resumeFlow(repair, before));
  };

  const runner: Runner = {
    definitions: registry,
    start: async (type, input, startOptions = {}) => {
      const { definition, saga } = newSaga(registry, type, input, {
        ...startOptions,
        inputLimitBytes: outputLimitBytes,
      });
      return tracing.span(`start ${type}`, null, async (traceParent) => {
        const result = await starts.start({ ...saga, traceParent });
        switch (result.kind) {
          case 'known':
            if (result.sameRequest) return { sagaId: result.sagaId, status: result.status, created: false };
            throw new RunnerError('IDEMPOTENCY_KEY_REUSED', `The idempotency key was used for another ${type} request`);
          case 'subject-busy':
            throw new RunnerError('SUBJECT_BUSY', `Saga ${result.sagaId} already works on ${saga.subject}`);
          case 'started':
            meter.note({ kind: 'saga', type, status: 'RUNNING' });
            await deliver(saga.sagaId, () => flows.addForward({ ...saga, generation: 1, from: 0, definition }));
            return { sagaId: saga.sagaId, status: 'RUNNING', created: true };
          default:
            return result satisfies never;
        }
      });
    },
    get: (sagaId) => queries.get(sagaId),
    list: (filter) => queries.list(filter),
    metrics: () => queries.metrics(),
    overview: (window) => queries.overview(window),
    jobs: async (sagaId) => {
      const saga = await sagas.load(sagaId);
      if (!saga) throw new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`);
      const { record } = saga;
      const steps = record.steps.map(({ name }) => name);
      const found = findSagaJobs(backend, createPlaces(backend, queues, registry), queues.outcomes, record, steps);
      return within(DELIVERY_MS, 'the queues', found).catch((cause: unknown) => {
        throw new RunnerError('QUEUES_UNAVAILABLE', `The queues are out of reach: ${messageOf(cause)}`, { cause });
      });
    },
    signal: async (sagaId, name, payload, { signalId, actor } = {}) => {
      const saga = await sagas.load(sagaId);
      if (!saga) throw new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`);
      const { type } = saga.record;
      checkSignal(registry, type, name, payload);
      const receipt = await receiveSignal(sagas, {
        sagaId,
        name,
        signalId: signalId ?? null,
        payload,
        actor: actor ?? null,
      });
      const ref = { sagaId, type, generation: receipt.generation };
      if (receipt.kind === 'pending') await deliver(sagaId, () => flows.wakeStep(ref, name));
      return { accepted: receipt.kind === 'before' ? 'before' : 'now' };
    },
    cancel: async (sagaId, by) => {
      const before = await verdicts.cancel(sagaId, by);
      if (before.record.status === 'RUNNING') await deliver(sagaId, () => turnFlow(repair, before));
      return queries.get(sagaId);
    },
    retryCompensation: async (sagaId, step, by) => {
      const taskId = await requireCompensationTask(sql, await runner.get(sagaId), step);
      await resolve(taskId, { ...by, resolution: 'retry', action: 'retry' });
      return queries.get(sagaId);
    },
    audit: (filter) => listAudit(sql, filter),
    auditQueueAction: (entry) => writeAudit(sql, { ...entry, action: 'queue' }),
    tasks: (filter) => tasks.list(filter),
    task: (taskId) => tasks.get(taskId),
    resolve: async (taskId, resolution, by) => {
      await resolve(taskId, { ...by, resolution });
      return tasks.get(taskId);
    },
    taskGroups: () => listGroups(sql, registry),
    retryGroup: (fingerprint, by) => transact(sql, TRANSACTION_BOUNDS, (tx) => beginGroupRetry(tx, fingerprint, by)),
    groupRetry: (id) => readGroupRetry(sql, id),
    work: async (workOptions = {}) => {
      const stop = new AbortController();
      // Every running step listens to it.
      setMaxListeners(0, stop.signal);
      runner.watchWorkers();
      const { retentionMs = RETENTION_MS, auditRetentionMs = AUDIT_RETENTION_MS } = options;
      const retention = { retentionMs, auditRetentionMs };
      const {
        watch,
        onEventsWritten,
        close: closeRecovery,
      } = startRecovery({ ...repair, resolving, queues, retention });
      const journal = createJournal(sql, noteFlush('steps'), wanted);
      const context = {
        ...repair,
        prisma,
        ownIn,
        compensations,
        watch,
        onEventsWritten,
        outputLimitBytes,
        stopping: stop.signal,
        journal,
        waits,
        clock: systemClock,
        transactions: createSlots(workOptions.transactions ?? 10, stop.signal),
      };
      const workers = startSagaWorkers(backend, context, stop, {
        ...workOptions,
        name: workerName,
        lanes: queues.lanes,
        webhooks,
      });
      return track({
        close: async () => {
          await Promise.all([workers.close(), journal.settle()]);
          await closeRecovery();
        },
      });
    },
    watchWorkers: () => {
      watchingOver ??= startHandOver({ queues: queues.list, backend, log, meter });
    },
    consume: async (handlers) => {
      runner.watchWorkers();
      return track(startEventWorker(backend, { sql, name: workerName, handlers, log, meter }));
    },
    queues: { list: () => queues.list, ping: () => backend.ping() },
    sessions: createSessionStore(sql),
    oldestReadyMs: () => readOldestReadyMs(sql),
    traced: (name, traceParent, work) => tracing.span(name, traceParent, work),
    figures: () => readFigures(sql),
    ping: async () => {
      await sql.$queryRawUnsafe('SELECT 1');
    },
    close: async () => {
      await Promise.all([...working].map((work) => work.close()));
      await watchingOver?.close();
      await closeQueues(flows, queues.list, backend);
    },
  };
  return withClearFaults(runner);
}

function backendOf({ redis, queues }: RunnerOptions): QueueBackend {
  if (queues !== undefined && redis === undefined) return queues;
  if (redis !== undefined && queues === undefined) return redisBackend({ url: redis });
  const got = queues === undefined ? 'neither' : 'both';
  throw new TypeError(`createRunner: expected redis, a URL, or else queues, a backend; got ${got}`);
}

async function requireCompensationTask(sql: SqlClient, saga: SagaView, step: string): Promise<string> {
  if (!saga.steps.some(({ name }) => name === step))
    throw new RunnerError('UNKNOWN_STEP', `Saga ${saga.sagaId} has no step ${step}`);
  const task = await findCompensationTask(sql, saga.sagaId, step);
  if (task) return task.taskId;
  throw new RunnerError('WRONG_STATE', `The compensation of ${step} of saga ${saga.sagaId} has not failed`);
}

async function closeQueues(flows: Flows, queues: readonly Queue[], backend: QueueBackend): Promise<void> {
  await flows.close();
  await Promise.all(queues.map((queue) => queue.close()));
  await backend.close();
}

/** Whatever the caller asked for: an unreachable database is said as such. */
function withClearFaults(runner: Runner): Runner {
  const guard =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof RunnerError || !isInfrastructureFault(error)) throw error;
        throw databaseUnavailable(error);
      }
    };
  return {
    ...runner,
    start: guard(runner.start),
    get: guard(runner.get),
    list: guard(runner.list),
    metrics: guard(runner.metrics),
    overview: guard(runner.overview),
    jobs: guard(runner.jobs),
    oldestReadyMs: guard(runner.oldestReadyMs),
    figures: guard(runner.figures),
    signal: guard(runner.signal),
    cancel: guard(runner.cancel),
    retryCompensation: guard(runner.retryCompensation),
    audit: guard(runner.audit),
    auditQueueAction: guard(runner.auditQueueAction),
    tasks: guard(runner.tasks),
    task: guard(runner.task),
    resolve: guard(runner.resolve),
    taskGroups: guard(runner.taskGroups),
    retryGroup: guard(runner.retryGroup),
    groupRetry: guard(runner.groupRetry),
    ping: guard(runner.ping),
  };
}

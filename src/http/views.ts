/** What the runner shows, as schemas: they document the answers, and their types hold them to the runner's. */
import { z } from 'zod';
import type { ScalingView } from '../autoscaling/signals.ts';
import { SAGA_STATUSES } from '../core/status.ts';
import { RESOLUTIONS } from '../core/task.ts';
import type {
  AuditEntry,
  GroupRetry,
  LogEntry,
  Page,
  SagaMetrics,
  SagaSummary,
  SagaView,
  StepView,
  TaskGroup,
  TaskView,
} from '../store/views.ts';
import type { RouteResponse } from './route.ts';
import { schemaOf } from './schema-of.ts';

const time = z.iso.datetime();

export const sagaStatus = z.enum(SAGA_STATUSES).meta({ id: 'SagaStatus' });

const stepStatus = z.enum(['PENDING', 'DONE', 'FAILED', 'UNKNOWN', 'COMPENSATED', 'COMPENSATION_FAILED', 'SKIPPED']);

export const resolution = z.enum(RESOLUTIONS).meta({
  id: 'Resolution',
  description: 'What a person does about a task; the task says which can be, and what they do',
});

const summaryFields = z.object({
  sagaId: z.string(),
  type: z.string(),
  status: sagaStatus,
  currentStep: z.string(),
  stepIndex: z.int(),
  error: z.string().nullable(),
  reason: z.string().nullable(),
  retryCount: z.int(),
  startedAt: time,
  updatedAt: time,
  completedAt: time.nullable(),
  timeoutAt: time.nullable(),
});

export const sagaSummary = schemaOf<SagaSummary>()(summaryFields.meta({ id: 'SagaSummary' }));

const stepView = schemaOf<StepView>()(
  z
    .object({
      name: z.string(),
      status: stepStatus,
      output: z.unknown(),
      attempts: z.int(),
      error: z.string().nullable(),
      startedAt: time.nullable(),
      doneAt: time.nullable(),
      compensationAttempts: z.int(),
      compensationError: z.string().nullable(),
      compensatedAt: time.nullable(),
      kind: z.enum(['step', 'transaction', 'wait']).nullable().describe('null: the definition is not known here'),
      undo: z.enum(['auto', 'manual', 'nothing']).nullable(),
      instructions: z.string().nullable().describe('What a person has to do who undoes it'),
      maxAttempts: z.int().nullable(),
    })
    .meta({ id: 'Step' }),
);

const taskKind = z.enum(['COMPENSATION_FAILED', 'MANUAL_COMPENSATION', 'UNKNOWN_OUTCOME', 'LATE_RESULT']);

export const taskView = schemaOf<TaskView>()(
  z
    .object({
      id: z.string(),
      sagaId: z.string(),
      type: z.string(),
      step: z.string(),
      kind: taskKind,
      status: z.enum(['open', 'resolved']),
      message: z.string(),
      rescue: z
        .object({ sagaId: z.string(), status: sagaStatus })
        .nullable()
        .describe(
          'The saga that was started in place of the failed compensation; while it has not ended, it has the task',
        ),
      pattern: z.string().describe('The message without its numbers and ids'),
      fingerprint: z.string().describe('The same for tasks that ask for the same; empty for one that stands alone'),
      known: z.array(z.string()).describe('What is known about it, a sentence each'),
      resolutions: z.array(resolution).describe('Those that make sense for it now; empty once it is resolved'),
      effects: z.partialRecord(resolution, z.string()).describe('What each of them will do, a sentence each'),
      createdAt: time,
      resolution: resolution.nullable(),
      reason: z.string().nullable(),
      resolvedBy: z.string().nullable(),
      resolvedAt: time.nullable(),
    })
    .meta({ id: 'Task' }),
);

export const groupRetry = schemaOf<GroupRetry>()(
  z
    .object({
      id: z.string(),
      fingerprint: z.string(),
      status: z.enum(['running', 'finished']),
      total: z.int(),
      retried: z.int(),
      skipped: z.int().describe('Dealt with otherwise, or could not be tried again; 0 while it runs'),
      actor: z.string(),
      reason: z.string(),
      createdAt: time,
      finishedAt: time.nullable(),
    })
    .meta({ id: 'GroupRetry' }),
);

export const taskGroup = schemaOf<TaskGroup>()(
  z
    .object({
      fingerprint: z.string(),
      type: z.string(),
      step: z.string(),
      kind: taskKind,
      pattern: z.string(),
      count: z.int(),
      oldestAt: time,
      newestAt: time,
      exampleTaskId: z.string().describe('The newest of them'),
      retryable: z.boolean().describe('Whether they can be tried again together'),
      retry: groupRetry.nullable().describe('The newest retry of the group'),
    })
    .meta({ id: 'TaskGroup' }),
);

const logEntry = schemaOf<LogEntry>()(
  z
    .object({
      at: time,
      event: z.string(),
      step: z.string().nullable(),
      attempt: z.int().nullable(),
      message: z.string().nullable(),
      actor: z.string().nullable(),
    })
    .meta({ id: 'LogEntry' }),
);

export const sagaView = schemaOf<SagaView>()(
  summaryFields
    .extend({
      generation: z.int(),
      input: z.unknown(),
      state: z.unknown(),
      waitUntil: time.nullable(),
      next: z.string().describe('What happens next, in one sentence'),
      steps: z.array(stepView),
      tasks: z.array(taskView),
      log: z.array(logEntry),
    })
    .meta({ id: 'Saga' }),
);

export const auditAction = z.enum([
  'start',
  'cancel',
  'signal',
  'resolve',
  'retry',
  'retry-group',
  'rescue',
  'queue',
  'login',
  'logout',
]);

export const auditEntry = schemaOf<AuditEntry>()(
  z
    .object({
      id: z.string(),
      at: time,
      actor: z.string().describe('The name of the key'),
      action: auditAction,
      sagaId: z.string().nullable(),
      step: z.string().nullable(),
      taskId: z.string().nullable(),
      detail: z.string().nullable().describe('Such as the resolution of a task'),
      reason: z.string().nullable(),
    })
    .meta({ id: 'AuditEntry' }),
);

const sagaCounts = z.object({
  total: z.int(),
  running: z.int().describe('RUNNING and COMPENSATING'),
  failed: z.int().describe('Ended otherwise than COMPLETED, and the parked ones'),
  parked: z.int().describe('FAILED: they wait for a person'),
  successRate: z.number().describe('COMPLETED among the ended ones, 0 to 1; 1 when none has ended'),
});

export const sagaMetrics = schemaOf<SagaMetrics>()(
  sagaCounts
    .extend({
      oldestReadyMs: z.int().describe('How long the oldest step has been ready without having begun; 0 where none is'),
      types: z.array(sagaCounts.extend({ type: z.string() })).describe('By type, of types that have any'),
    })
    .meta({ id: 'SagaMetrics' }),
);

export const autoscaling = schemaOf<ScalingView>()(
  z
    .object({
      backlog: z.int().describe('Jobs that have a slot or that another worker could take, those that are due included'),
      active: z.int().describe('Those of them that have a slot'),
      waiting: z.int().describe('Jobs without a slot, those in queues with a limit not counted'),
      oldestReadyMs: z.int().describe('How long the oldest step has been ready without having begun'),
      slotsPerWorker: z.int().describe('WORKER_CONCURRENCY'),
      workers: z.int().describe('Connected workers; 0 where Redis does not list its clients'),
      desiredWorkers: z.int().describe('As many as have a slot for each job, from min to max'),
      min: z.int().describe('AUTOSCALE_MIN'),
      max: z.int().describe('AUTOSCALE_MAX'),
    })
    .meta({ id: 'Autoscaling' }),
);

export function pageOf<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Give it back as `cursor` for the next page; null at the end'),
  });
}

export const problemDocument = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('A word for programs'),
    errors: z
      .array(
        z.object({
          in: z.enum(['body', 'query', 'path', 'header']),
          pointer: z.string().describe('JSON pointer, RFC 6901'),
          message: z.string(),
        }),
      )
      .optional(),
    allowed: z.array(z.string()).optional().describe('What would have been taken instead'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

/** A response of the route table in JSON, with what it may look like. */
export const answer = <T>(
  description: string,
  schema: z.ZodType<T>,
  example: NoInfer<T>,
  headers: Readonly<Record<string, string>> = {},
): RouteResponse => ({ description, schema, example, headers });

/** One that is a problem document; `description` begins with its codes. */
export const refusal = (description: string): RouteResponse => ({ description, schema: problemDocument });

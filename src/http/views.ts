/** What the runner shows, as schemas: they document the answers, and their types hold them to the runner's. */
import { z } from 'zod';
import type { ScalingView } from '../autoscaling/signals.ts';
import { SAGA_STATUSES } from '../core/status.ts';
import type {
  AuditEntry,
  LogEntry,
  Page,
  SagaMetrics,
  SagaSummary,
  SagaView,
  StepView,
  TaskView,
} from '../store/views.ts';
import type { RouteResponse } from './route.ts';

const time = z.iso.datetime();

export const sagaStatus = z.enum(SAGA_STATUSES).meta({ id: 'SagaStatus' });

const stepStatus = z.enum(['PENDING', 'DONE', 'FAILED', 'UNKNOWN', 'COMPENSATED', 'COMPENSATION_FAILED', 'SKIPPED']);

export const resolution = z
  .enum(['retry', 'undone', 'acknowledged'])
  .meta({ id: 'Resolution', description: 'retry: try again; undone: done by hand, go on; acknowledged: seen' });

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

export const sagaSummary: z.ZodType<SagaSummary> = summaryFields.meta({ id: 'SagaSummary' });

const stepView: z.ZodType<StepView> = z
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
  })
  .meta({ id: 'Step' });

export const taskView: z.ZodType<TaskView> = z
  .object({
    id: z.string(),
    sagaId: z.string(),
    type: z.string(),
    step: z.string(),
    kind: z.enum(['COMPENSATION_FAILED', 'MANUAL_COMPENSATION', 'LATE_RESULT']),
    status: z.enum(['open', 'resolved']),
    message: z.string(),
    resolutions: z.array(resolution).describe('Those that make sense for it; empty once it is resolved'),
    createdAt: time,
    resolution: resolution.nullable(),
    reason: z.string().nullable(),
    resolvedBy: z.string().nullable(),
    resolvedAt: time.nullable(),
  })
  .meta({ id: 'Task' });

const logEntry: z.ZodType<LogEntry> = z
  .object({
    at: time,
    event: z.string(),
    step: z.string().nullable(),
    attempt: z.int().nullable(),
    message: z.string().nullable(),
    actor: z.string().nullable(),
  })
  .meta({ id: 'LogEntry' });

export const sagaView: z.ZodType<SagaView> = summaryFields
  .extend({
    generation: z.int(),
    input: z.unknown(),
    state: z.unknown(),
    waitUntil: time.nullable(),
    steps: z.array(stepView),
    tasks: z.array(taskView),
    log: z.array(logEntry),
  })
  .meta({ id: 'Saga' });

export const auditAction = z.enum([
  'start',
  'cancel',
  'signal',
  'resolve',
  'retry',
  'retry-group',
  'queue',
  'login',
  'logout',
]);

export const auditEntry: z.ZodType<AuditEntry> = z
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
  .meta({ id: 'AuditEntry' });

const sagaCounts = z.object({
  total: z.int(),
  running: z.int().describe('RUNNING and COMPENSATING'),
  failed: z.int().describe('Ended otherwise than COMPLETED, and the parked ones'),
  parked: z.int().describe('FAILED: they wait for a person'),
  successRate: z.number().describe('COMPLETED among the ended ones, 0 to 1; 1 when none has ended'),
});

export const sagaMetrics: z.ZodType<SagaMetrics> = sagaCounts
  .extend({
    oldestReadyMs: z.int().describe('How long the oldest step has been ready without having begun; 0 where none is'),
    types: z.array(sagaCounts.extend({ type: z.string() })).describe('By type, of types that have any'),
  })
  .meta({ id: 'SagaMetrics' });

export const autoscaling: z.ZodType<ScalingView> = z
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
  .meta({ id: 'Autoscaling' });

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
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

/** A response of the route table that is a problem document; `description` begins with its codes. */
export const refusal = (description: string): RouteResponse => ({ description, schema: problemDocument });

/** Requests and answers that the documentation shows: a refund of the billing example, and its trouble. */
import type { ScalingView } from '../autoscaling/signals.ts';
import type { QueueView } from '../queues/queue-counts.ts';
import type { SagaJob } from '../queues/saga-jobs.ts';
import type {
  AuditEntry,
  GroupRetry,
  Overview,
  SagaMetrics,
  SagaSummary,
  SagaView,
  StepView,
  TaskGroup,
  TaskView,
} from '../store/views.ts';
import type { DefinitionView } from './definition-view.ts';

export const SAGA_ID = 'payment_refund-5a1c7f0e-2b3d-4c5e-8f90-a1b2c3d4e5f6';
export const PURCHASE_ID = 'payment_purchase-0d4c6a1e-7f0c-4a57-9d1e-0a3cf3f7a001';
export const FINGERPRINT = '9f2c41d07be1a3c5';
const STARTED_AT = '2026-03-02T09:15:04.120Z';
const ENDED_AT = '2026-03-02T09:15:04.907Z';

export const REFUND_INPUT = { paymentId: 'pay-0042', amount: 100, reason: 'The device arrived broken' };

export const SUMMARY: SagaSummary = {
  sagaId: SAGA_ID,
  type: 'PAYMENT_REFUND',
  status: 'COMPLETED',
  currentStep: 'UPDATE_ORDER_STATUS',
  stepIndex: 3,
  error: null,
  reason: null,
  retryCount: 0,
  startedAt: STARTED_AT,
  updatedAt: ENDED_AT,
  completedAt: ENDED_AT,
  timeoutAt: '2026-03-02T09:20:04.120Z',
};

const STEP: StepView = {
  name: 'SET_REFUNDING_STATUS',
  status: 'DONE',
  output: { refundingStatusSet: true },
  attempts: 1,
  error: null,
  startedAt: STARTED_AT,
  doneAt: '2026-03-02T09:15:04.201Z',
  compensationAttempts: 0,
  compensationError: null,
  compensatedAt: null,
  kind: 'transaction',
  undo: 'auto',
  instructions: null,
  maxAttempts: 3,
};

export const SAGA: SagaView = {
  ...SUMMARY,
  generation: 1,
  input: REFUND_INPUT,
  state: { ...REFUND_INPUT, refundingStatusSet: true },
  waitUntil: null,
  next: 'Nothing: it has completed.',
  steps: [STEP],
  tasks: [],
  log: [
    {
      at: STARTED_AT,
      event: 'attempt failed',
      step: 'CALL_PROVIDER_REFUND',
      attempt: 1,
      message: 'The provider answers 503',
      actor: null,
    },
  ],
};

export const CANCELLED: SagaView = {
  ...SAGA,
  status: 'COMPENSATING',
  currentStep: 'CALL_PROVIDER_REFUND',
  stepIndex: 1,
  reason: 'The customer keeps the device',
  completedAt: null,
  next: 'SET_REFUNDING_STATUS is undone; then the saga ends as CANCELLED.',
};

export const TASK: TaskView = {
  id: '17',
  sagaId: SAGA_ID,
  type: 'PAYMENT_REFUND',
  step: 'SET_REFUNDING_STATUS',
  kind: 'COMPENSATION_FAILED',
  status: 'open',
  message: 'The ledger answers 503',
  rescue: null,
  pattern: 'The ledger answers #',
  fingerprint: FINGERPRINT,
  known: ['The compensation failed 5 times.'],
  resolutions: ['retry', 'undone', 'abandon'],
  effects: {
    retry: 'Runs the compensation again, with the same key.',
    undone: 'Takes your word that it is undone; the saga goes on from there.',
    abandon: 'Leaves everything as it is; the saga ends as ABANDONED.',
  },
  createdAt: ENDED_AT,
  resolution: null,
  reason: null,
  resolvedBy: null,
  resolvedAt: null,
};

export const RESOLVED: TaskView = {
  ...TASK,
  status: 'resolved',
  resolutions: [],
  effects: {},
  resolution: 'undone',
  reason: 'Put back by hand, ticket 4711',
  resolvedBy: 'alice',
  resolvedAt: '2026-03-02T10:02:11.000Z',
};

export const GROUP_RETRY: GroupRetry = {
  id: '3',
  fingerprint: FINGERPRINT,
  status: 'running',
  total: 120,
  retried: 48,
  skipped: 0,
  actor: 'alice',
  reason: 'The ledger is back',
  createdAt: '2026-03-02T10:00:00.000Z',
  finishedAt: null,
};

export const TASK_GROUP: TaskGroup = {
  fingerprint: FINGERPRINT,
  type: TASK.type,
  step: TASK.step,
  kind: TASK.kind,
  pattern: TASK.pattern,
  count: 120,
  oldestAt: ENDED_AT,
  newestAt: '2026-03-02T09:58:30.415Z',
  exampleTaskId: TASK.id,
  retryable: true,
  retry: GROUP_RETRY,
};

export const AUDIT_ENTRY: AuditEntry = {
  id: '981',
  at: '2026-03-02T10:02:11.000Z',
  actor: 'alice',
  action: 'resolve',
  sagaId: SAGA_ID,
  step: TASK.step,
  taskId: TASK.id,
  detail: 'undone',
  reason: 'Put back by hand, ticket 4711',
};

const COUNTS = { total: 5_204, running: 12, failed: 31, parked: 2, successRate: 0.994 };

export const METRICS: SagaMetrics = { ...COUNTS, oldestReadyMs: 40, types: [{ type: 'PAYMENT_REFUND', ...COUNTS }] };

export const SCALING: ScalingView = {
  backlog: 130,
  active: 50,
  waiting: 80,
  oldestReadyMs: 740,
  workers: 1,
  desiredWorkers: 3,
  min: 1,
  max: 8,
  slotsPerWorker: 50,
};

export const OVERVIEW: Overview = {
  at: ENDED_AT,
  counts: {
    RUNNING: 10,
    COMPENSATING: 2,
    FAILED: 2,
    COMPLETED: 5_161,
    COMPENSATED: 25,
    TIMEOUT: 1,
    CANCELLED: 2,
    ABANDONED: 1,
  },
  parked: 2,
  openTasks: 2,
  oldestReadyMs: 40,
  workers: 2,
  backlog: 12,
  series: [{ at: '2026-03-02T09:00:00.000Z', completed: 412, failed: 3 }],
  failureRate: 0.006,
  parkedSagas: [],
};

export const QUEUE: QueueView = {
  name: 'saga-steps',
  paused: false,
  waiting: 3,
  active: 9,
  delayed: 0,
  prioritized: 0,
  failed: 0,
  completed: 1_000,
  workers: 2,
};

export const JOB: SagaJob = {
  queue: 'saga-steps',
  id: `${SAGA_ID}.g1.CALL_PROVIDER_REFUND`,
  step: 'CALL_PROVIDER_REFUND',
  kind: 'step',
  state: 'active',
};

export const DEFINITION: DefinitionView = {
  type: 'PAYMENT_REFUND',
  timeoutMs: 300_000,
  onCompensationFailure: 'stop',
  steps: [
    {
      name: 'SET_REFUNDING_STATUS',
      kind: 'transaction',
      undo: 'auto',
      instructions: null,
      attempts: 3,
      timeoutMs: 30_000,
    },
  ],
  input: { type: 'object', properties: { paymentId: { type: 'string' } }, required: ['paymentId'] },
  redact: [],
};

import { RunnerError } from '../../src/core/errors.ts';
import type { Runner } from '../../src/runner/interface.ts';
import type {
  GroupRetry,
  SagaMetrics,
  SagaSummary,
  SagaView,
  TaskView,
  OverviewFigures,
} from '../../src/store/views.ts';

const AT = '2026-01-02T03:04:05.678Z';

export const SUMMARY: SagaSummary = {
  sagaId: 'demo-0d4c6a1e-7f0c-4a57-9d1e-0a3cf3f7a001',
  type: 'DEMO',
  status: 'RUNNING',
  currentStep: 'FIRST',
  stepIndex: 0,
  error: null,
  reason: null,
  retryCount: 0,
  startedAt: AT,
  updatedAt: AT,
  completedAt: null,
  timeoutAt: AT,
};

export const TASK: TaskView = {
  id: '7',
  sagaId: SUMMARY.sagaId,
  type: 'DEMO',
  step: 'FIRST',
  kind: 'MANUAL_COMPENSATION',
  status: 'open',
  message: 'Refund by hand',
  rescue: null,
  pattern: 'Refund by hand',
  fingerprint: '0123456789abcdef',
  known: ['Nothing'],
  resolutions: ['undone', 'abandon'],
  effects: { undone: 'Notes it', abandon: 'Leaves it' },
  createdAt: AT,
  resolution: null,
  reason: null,
  resolvedBy: null,
  resolvedAt: null,
};

export const SAGA: SagaView = {
  ...SUMMARY,
  generation: 1,
  input: { amount: 1 },
  state: { amount: 1 },
  waitUntil: null,
  next: 'FIRST runs, step 1 of 1.',
  steps: [
    {
      name: 'FIRST',
      status: 'PENDING',
      output: null,
      attempts: 0,
      error: null,
      startedAt: null,
      doneAt: null,
      compensationAttempts: 0,
      compensationError: null,
      compensatedAt: null,
      kind: null,
      undo: null,
      instructions: null,
      maxAttempts: null,
    },
  ],
  tasks: [TASK],
  log: [{ at: AT, event: 'started', step: null, attempt: null, message: null, actor: 'anonymous' }],
};

const GROUP_RETRY: GroupRetry = {
  id: '3',
  fingerprint: TASK.fingerprint,
  status: 'running',
  total: 2,
  retried: 1,
  skipped: 0,
  actor: 'ada',
  reason: 'the provider is back',
  createdAt: AT,
  finishedAt: null,
};

const COUNTS = { total: 1, running: 1, failed: 0, parked: 0, successRate: 1 };
const METRICS: SagaMetrics = { ...COUNTS, oldestReadyMs: 0, types: [{ type: 'DEMO', ...COUNTS }] };

const OVERVIEW: OverviewFigures = {
  at: AT,
  counts: {
    RUNNING: 1,
    COMPENSATING: 0,
    FAILED: 0,
    COMPLETED: 0,
    COMPENSATED: 0,
    TIMEOUT: 0,
    CANCELLED: 0,
    ABANDONED: 0,
  },
  parked: 0,
  openTasks: 1,
  series: [{ at: AT, completed: 0, failed: 0 }],
  failureRate: 0,
};

/** What was asked of it: the method and its arguments. */
export type Call = readonly [method: string, ...args: unknown[]];

const nothing = () => Promise.reject(new Error('It runs nothing'));

/** A runner without servers: it knows one saga and one task, and writes down what it is asked. */
export function recordingRunner(overrides: Partial<Runner> = {}): { runner: Runner; calls: Call[] } {
  const calls: Call[] = [];
  const answer = <T>(call: Call, value: T): Promise<T> => {
    calls.push(call);
    return Promise.resolve(value);
  };
  const runner: Runner = {
    definitions: new Map(),
    start: (type, input, options) =>
      type === 'DEMO'
        ? answer(['start', type, input, options], { sagaId: SUMMARY.sagaId, status: 'RUNNING', created: true })
        : Promise.reject(new RunnerError('UNKNOWN_SAGA_TYPE', `There is no saga type ${type}`)),
    get: (sagaId) =>
      sagaId === SUMMARY.sagaId
        ? answer(['get', sagaId], SAGA)
        : Promise.reject(new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`)),
    list: (filter) => answer(['list', filter], { items: [SUMMARY], nextCursor: null }),
    metrics: () => answer(['metrics'], METRICS),
    overview: (window) => answer(['overview', window], OVERVIEW),
    jobs: (sagaId) => answer(['jobs', sagaId], []),
    signal: (sagaId, name, payload, options) =>
      answer(['signal', sagaId, name, payload, options], { accepted: 'now' as const }),
    retryCompensation: (sagaId, step, options) => answer(['retryCompensation', sagaId, step, options], SAGA),
    auditQueueAction: (entry) => answer(['auditQueueAction', entry], undefined),
    audit: (filter) => answer(['audit', filter], { items: [], nextCursor: null }),
    task: (id) =>
      id === TASK.id
        ? answer(['task', id], TASK)
        : Promise.reject(new RunnerError('UNKNOWN_TASK', `There is no task ${id}`)),
    taskGroups: () => answer(['taskGroups'], []),
    retryGroup: (fingerprint, by) => answer(['retryGroup', fingerprint, by], GROUP_RETRY),
    groupRetry: (id) => answer(['groupRetry', id], GROUP_RETRY),
    tasks: (filter) => answer(['tasks', filter], { items: [TASK], nextCursor: null }),
    cancel: (sagaId, options) => answer(['cancel', sagaId, options], SAGA),
    resolve: (id, resolution, options) => answer(['resolve', id, resolution, options], TASK),
    work: nothing,
    consume: nothing,
    watchWorkers: () => undefined,
    queues: { list: () => [], ping: () => Promise.resolve() },
    sessions: {
      begun: () => Promise.resolve(),
      end: () => Promise.resolve(),
      hasEnded: () => Promise.resolve(false),
    },
    oldestReadyMs: () => Promise.resolve(0),
    traced: (_name, _traceParent, work) => work(),
    figures: () => Promise.resolve({ unfinished: [], openTasks: [] }),
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
    ...overrides,
  };
  return { runner, calls };
}

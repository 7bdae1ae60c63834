/** What the API answers. Times are ISO 8601. */
import type { SagaStatus as KnownStatus, StepStatus } from '../../../src/core/status.ts';
import type { LogEntry, Page, SagaSummary as Summary, StepView as Step } from '../../../src/store/views.ts';

export type { LogEntry, Page, StepStatus };

export type SagaStatus = KnownStatus | 'ABANDONED';

export interface SagaSummary extends Omit<Summary, 'status'> {
  readonly status: SagaStatus;
}

export type StepKind = 'step' | 'transaction' | 'wait';
export type UndoKind = 'auto' | 'manual' | 'nothing';

export interface StepView extends Step {
  readonly kind: StepKind | null;
  readonly undo: UndoKind | null;
  readonly instructions: string | null;
  readonly maxAttempts: number | null;
}

export type TaskKind = 'COMPENSATION_FAILED' | 'MANUAL_COMPENSATION' | 'UNKNOWN_OUTCOME' | 'LATE_RESULT';
export type Resolution = 'retry' | 'undone' | 'done' | 'forward' | 'abandon';

export interface TaskView {
  readonly id: string;
  readonly sagaId: string;
  readonly type: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly status: 'open' | 'resolved';
  readonly message: string;
  readonly fingerprint: string;
  readonly pattern: string;
  readonly resolutions: readonly Resolution[];
  readonly effects: Readonly<Partial<Record<Resolution, string>>>;
  readonly known: readonly string[];
  readonly createdAt: string;
  readonly resolution: Resolution | null;
  readonly reason: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: string | null;
}

export interface SagaView extends SagaSummary {
  readonly generation: number;
  readonly input: unknown;
  readonly state: unknown;
  readonly waitUntil: string | null;
  readonly next: string;
  readonly steps: readonly StepView[];
  readonly tasks: readonly TaskView[];
  readonly log: readonly LogEntry[];
}

export interface SagaJob {
  readonly queue: string;
  readonly id: string;
  readonly step: string | null;
  readonly kind: 'step' | 'compensation' | 'outcome';
  readonly state: string;
}

export type Role = 'viewer' | 'starter' | 'operator';

export interface Session {
  readonly name: string;
  readonly role: Role;
  /** `open`: no keys are configured. */
  readonly kind: 'open' | 'key' | 'session';
  readonly expiresAt: string | null;
}

export interface Definition {
  readonly type: string;
  readonly timeoutMs: number | null;
  readonly onCompensationFailure: string;
  readonly steps: readonly {
    readonly name: string;
    readonly kind: StepKind;
    readonly undo: UndoKind;
    readonly instructions: string | null;
    readonly attempts: number;
    readonly timeoutMs: number;
  }[];
  /** JSON Schema, draft 2020-12. */
  readonly input: unknown;
  readonly redact: readonly string[];
}

export const OVERVIEW_WINDOWS = ['1h', '6h', '24h', '7d'] as const;
export type OverviewWindow = (typeof OVERVIEW_WINDOWS)[number];

export interface Overview {
  readonly at: string;
  readonly counts: Readonly<Partial<Record<SagaStatus, number>>>;
  readonly parked: number;
  readonly openTasks: number;
  readonly oldestReadyMs: number;
  /** `null`: the queues are out of reach. */
  readonly workers: number | null;
  readonly backlog: number | null;
  readonly series: readonly { readonly at: string; readonly completed: number; readonly failed: number }[];
  readonly failureRate: number;
  readonly parkedSagas: readonly SagaSummary[];
}

export interface QueueView {
  readonly name: string;
  readonly paused: boolean;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly prioritized: number;
  readonly failed: number;
  readonly completed: number;
  readonly workers: number | null;
}

export interface GroupRetry {
  readonly id: string;
  readonly fingerprint: string;
  readonly status: 'running' | 'finished';
  readonly total: number;
  readonly retried: number;
  readonly skipped: number;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface TaskGroup {
  readonly fingerprint: string;
  readonly type: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly pattern: string;
  readonly count: number;
  readonly oldestAt: string;
  readonly newestAt: string;
  readonly exampleTaskId: string;
  readonly retryable: boolean;
  readonly retry: GroupRetry | null;
}

export const AUDIT_ACTIONS = [
  'start',
  'cancel',
  'signal',
  'resolve',
  'retry',
  'retry-group',
  'queue',
  'login',
  'logout',
] as const;

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: (typeof AUDIT_ACTIONS)[number];
  readonly sagaId: string | null;
  readonly step: string | null;
  readonly taskId: string | null;
  readonly detail: string | null;
  readonly reason: string | null;
}

import type { StepDefinition, Undo } from '../core/definition.ts';
import type { SagaStatus, StepStatus } from '../core/status.ts';
import type { Resolution, TaskKind } from '../core/task.ts';

export type { Resolution, TaskKind } from '../core/task.ts';

/** Times are ISO 8601 in UTC. */
export interface SagaSummary {
  readonly sagaId: string;
  readonly type: string;
  readonly status: SagaStatus;
  readonly currentStep: string;
  readonly stepIndex: number;
  readonly error: string | null;
  readonly reason: string | null;
  readonly retryCount: number;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly completedAt: string | null;
  readonly timeoutAt: string | null;
}

export interface StepView {
  readonly name: string;
  readonly status: StepStatus;
  readonly output: unknown;
  readonly attempts: number;
  readonly error: string | null;
  readonly startedAt: string | null;
  readonly doneAt: string | null;
  readonly compensationAttempts: number;
  readonly compensationError: string | null;
  readonly compensatedAt: string | null;
  /** This and the next three are null where the definition is not known. */
  readonly kind: StepDefinition['kind'] | null;
  readonly undo: Undo | null;
  /** What a person has to do who undoes it; null also where no person has to. */
  readonly instructions: string | null;
  /** Attempts it has in all. */
  readonly maxAttempts: number | null;
}

export interface TaskView {
  readonly id: string;
  readonly sagaId: string;
  readonly type: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly status: 'open' | 'resolved';
  readonly message: string;
  /** The saga that was started in place of the failed compensation. While it has not ended, nobody can resolve the task. */
  readonly rescue: { readonly sagaId: string; readonly status: SagaStatus } | null;
  /** The message without its numbers and ids. */
  readonly pattern: string;
  /** The same for tasks that ask for the same; empty for one that stands alone. */
  readonly fingerprint: string;
  /** What is known about it, a sentence each. */
  readonly known: readonly string[];
  /** The resolutions that make sense for it now; empty once it is resolved. */
  readonly resolutions: readonly Resolution[];
  /** What each of them will do, a sentence each. */
  readonly effects: Readonly<Partial<Record<Resolution, string>>>;
  readonly createdAt: string;
  readonly resolution: Resolution | null;
  readonly reason: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: string | null;
}

export interface LogEntry {
  readonly at: string;
  readonly event: string;
  readonly step: string | null;
  readonly attempt: number | null;
  readonly message: string | null;
  readonly actor: string | null;
}

export interface SagaView extends SagaSummary {
  readonly generation: number;
  readonly input: unknown;
  readonly state: unknown;
  readonly waitUntil: string | null;
  /** What happens next, in one English sentence. */
  readonly next: string;
  readonly steps: readonly StepView[];
  readonly tasks: readonly TaskView[];
  readonly log: readonly LogEntry[];
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Give it back as `cursor` for the next page; null at the end. */
  readonly nextCursor: string | null;
}

export interface SagaFilter {
  readonly type?: string;
  readonly status?: SagaStatus | readonly SagaStatus[];
  /** Started at or after this time, ISO 8601. */
  readonly from?: string;
  /** Started before this time. */
  readonly to?: string;
  /** Text in its id, its error, or what is shown of its state; in any case, 1 to 200 characters. */
  readonly q?: string;
  /** 1 to 200. Default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface TaskFilter {
  readonly status?: 'open' | 'resolved';
  readonly fingerprint?: string;
  readonly sagaId?: string;
  readonly type?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Open tasks that ask for the same. */
export interface TaskGroup {
  readonly fingerprint: string;
  readonly type: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly pattern: string;
  readonly count: number;
  readonly oldestAt: string;
  readonly newestAt: string;
  /** The newest of them. */
  readonly exampleTaskId: string;
  /** Whether they can be tried again together. */
  readonly retryable: boolean;
  /** The newest retry of the group. */
  readonly retry: GroupRetry | null;
}

/** A group of tasks that is tried again in the background. */
export interface GroupRetry {
  readonly id: string;
  readonly fingerprint: string;
  readonly status: 'running' | 'finished';
  readonly total: number;
  readonly retried: number;
  /** Tasks that were dealt with otherwise, or could not be tried again. */
  readonly skipped: number;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export type AuditAction =
  'start' | 'cancel' | 'signal' | 'resolve' | 'retry' | 'retry-group' | 'rescue' | 'queue' | 'login' | 'logout';

/** Something a person or another system did. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: AuditAction;
  readonly sagaId: string | null;
  readonly step: string | null;
  readonly taskId: string | null;
  /** Such as the resolution of a task. */
  readonly detail: string | null;
  readonly reason: string | null;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly sagaId?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface SagaCounts {
  readonly total: number;
  /** RUNNING and COMPENSATING. */
  readonly running: number;
  /** Every saga that ended otherwise than COMPLETED, and the parked ones. */
  readonly failed: number;
  /** FAILED: they wait for a person. */
  readonly parked: number;
  /** COMPLETED among the ended ones, 0 to 1; 1 when none has ended. */
  readonly successRate: number;
}

export interface SagaMetrics extends SagaCounts {
  /** How long the oldest step or compensation has been ready without having begun, in milliseconds; 0 where none is. */
  readonly oldestReadyMs: number;
  /** The same by type, of types that have any. */
  readonly types: readonly (SagaCounts & { readonly type: string })[];
}

/** How far back the overview looks. */
export type OverviewWindow = '1h' | '6h' | '24h' | '7d';

export interface OverviewPoint {
  /** When the bucket begins. */
  readonly at: string;
  readonly completed: number;
  /** Ended otherwise. */
  readonly failed: number;
}

/** What PostgreSQL knows of it. */
export interface OverviewFigures {
  readonly at: string;
  readonly counts: Readonly<Record<SagaStatus, number>>;
  readonly parked: number;
  readonly openTasks: number;
  /** Equal buckets by the time of the end, 48 to 72 of them; the last is not over. */
  readonly series: readonly OverviewPoint[];
  /** Of what ended in the window, how much ended otherwise than COMPLETED, 0 to 1; 0 where nothing did. */
  readonly failureRate: number;
}

export interface Overview extends OverviewFigures {
  readonly oldestReadyMs: number;
  /** Null while the queues are away. */
  readonly workers: number | null;
  readonly backlog: number | null;
  /** The ten newest. */
  readonly parkedSagas: readonly SagaSummary[];
}

/** What the API answers: the server's own types, so that neither can change alone. */
import type { Undo } from '../../../src/core/definition.ts';
import type { SagaStatus } from '../../../src/core/status.ts';
import type { SagaSummary, StepView } from '../../../src/store/views.ts';

export type { DefinitionView as Definition } from '../../../src/http/definition-view.ts';
export type { SagaStatus, StepStatus } from '../../../src/core/status.ts';
export type {
  AuditAction,
  AuditEntry,
  GroupRetry,
  LogEntry,
  Page,
  Resolution,
  SagaSummary,
  SagaView,
  StepView,
  TaskGroup,
  TaskKind,
  TaskView,
} from '../../../src/store/views.ts';

export type StepKind = NonNullable<StepView['kind']>;
export type UndoKind = Undo;

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

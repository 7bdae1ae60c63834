/** What the API answers: the server's own types, so that neither can change alone. */
import type { ApiRole } from '../../../src/api-keys.ts';
import type { Undo } from '../../../src/core/definition.ts';
import type { sessionView } from '../../../src/http/handlers/show-session.ts';
import type { OverviewWindow, StepView } from '../../../src/store/views.ts';

export type { DefinitionView as Definition } from '../../../src/http/definition-view.ts';
export type { SagaStatus, StepStatus } from '../../../src/core/status.ts';
export type { QueueView } from '../../../src/queues/queue-counts.ts';
export type { SagaJob } from '../../../src/queues/saga-jobs.ts';
export type {
  AuditAction,
  AuditEntry,
  GroupRetry,
  LogEntry,
  Overview,
  OverviewWindow,
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
export type Role = ApiRole;
export type Session = ReturnType<typeof sessionView>;

export const OVERVIEW_WINDOWS: readonly OverviewWindow[] = ['1h', '6h', '24h', '7d'];

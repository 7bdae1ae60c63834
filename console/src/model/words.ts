/** What statuses and kinds are called, and the tone in which they are shown. */
import type { AuditAction, Resolution, Role, SagaStatus, StepStatus, TaskKind, UndoKind } from '../api/types.ts';

export type Tone = 'good' | 'active' | 'turning' | 'bad' | 'undone' | 'late' | 'lost' | 'quiet';

interface Word {
  readonly text: string;
  readonly tone: Tone;
}

export const SAGA_WORDS: Readonly<Record<SagaStatus, Word>> = {
  RUNNING: { text: 'Running', tone: 'active' },
  COMPENSATING: { text: 'Compensating', tone: 'turning' },
  FAILED: { text: 'Parked', tone: 'bad' },
  COMPLETED: { text: 'Completed', tone: 'good' },
  COMPENSATED: { text: 'Compensated', tone: 'undone' },
  TIMEOUT: { text: 'Timed out', tone: 'late' },
  CANCELLED: { text: 'Cancelled', tone: 'quiet' },
  ABANDONED: { text: 'Abandoned', tone: 'lost' },
};

export const ALL_STATUSES = Object.keys(SAGA_WORDS) as SagaStatus[];

export const STEP_WORDS: Readonly<Record<StepStatus, Word>> = {
  PENDING: { text: 'Pending', tone: 'quiet' },
  DONE: { text: 'Done', tone: 'good' },
  FAILED: { text: 'Failed', tone: 'bad' },
  UNKNOWN: { text: 'In doubt', tone: 'turning' },
  COMPENSATED: { text: 'Undone', tone: 'undone' },
  COMPENSATION_FAILED: { text: 'Undo failed', tone: 'bad' },
  SKIPPED: { text: 'Skipped', tone: 'quiet' },
};

export const WAITS_FOR_A_PERSON: Word = { text: 'Waits for a person', tone: 'bad' };

export const TASK_WORDS: Readonly<Record<TaskKind, string>> = {
  COMPENSATION_FAILED: 'The undo failed',
  MANUAL_COMPENSATION: 'Undo by hand',
  UNKNOWN_OUTCOME: 'Outcome unknown',
  LATE_RESULT: 'Late result',
};

export const UNDO_WORDS: Readonly<Record<UndoKind, string>> = {
  auto: 'undo by code',
  manual: 'undo by a person',
  nothing: 'nothing to undo',
};

/** What a button that does it is called, with the step it is about. */
export const RESOLUTION_WORDS: Readonly<
  Record<Resolution, { readonly name: string; readonly act: (step: string) => string }>
> = {
  retry: { name: 'Try again', act: (step) => `Try ${step} again` },
  undone: { name: 'Undone by hand', act: (step) => `Record ${step} as undone` },
  done: { name: 'Done after all', act: (step) => `Record ${step} as done` },
  forward: { name: 'Go forward', act: (step) => `Go forward from ${step}` },
  abandon: { name: 'Give the saga up', act: () => 'Give this saga up' },
};

const RANKS: Readonly<Record<Role, number>> = { viewer: 0, starter: 1, operator: 2 };

export const mayAct = (role: Role, needed: Role): boolean => RANKS[role] >= RANKS[needed];

export const isEnded = (status: SagaStatus): boolean =>
  status !== 'RUNNING' && status !== 'COMPENSATING' && status !== 'FAILED';

/** `1 saga`, `3 sagas`. */
export const count = (amount: number, one: string, many = `${one}s`): string =>
  `${amount.toLocaleString('en')} ${amount === 1 ? one : many}`;

export const NO_REASON = 'Say why: whoever looks at this saga later reads it';

/** A saga's id without its type, where that is shown beside it. */
export function shortId({ sagaId, type }: { readonly sagaId: string; readonly type: string }): string {
  const prefix = `${type.toLowerCase()}-`;
  return sagaId.startsWith(prefix) ? sagaId.slice(prefix.length) : sagaId;
}

export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  start: 'started',
  cancel: 'cancelled',
  signal: 'sent a signal to',
  resolve: 'resolved a task of',
  retry: 'tried again',
  'retry-group': 'tried a group again',
  rescue: 'did in another way what failed of',
  queue: 'changed a queue',
  login: 'logged in',
  logout: 'logged out',
};

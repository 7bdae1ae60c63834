import type { ChangeSeen, EffectSeen, Evidence, JobSeen, LogSeen, OutboxSeen } from '../evidence-types.ts';
import type { SagaSeen, StepSeen, TaskSeen } from '../evidence-types.ts';
import type { LedgerLine } from '../../sagas/ledger-book.ts';
import type { Impairment, Violation } from '../../types.ts';

/** Everything that is known of one saga. */
export interface Case {
  readonly saga: SagaSeen;
  readonly steps: readonly StepSeen[];
  readonly log: readonly LogSeen[];
  readonly tasks: readonly TaskSeen[];
  readonly changes: readonly ChangeSeen[];
  readonly effects: readonly EffectSeen[];
  readonly lines: readonly LedgerLine[];
  readonly outbox: readonly OutboxSeen[];
  readonly jobs: readonly JobSeen[];
  readonly impaired: readonly Impairment[];
}

/** Says what is wrong with one saga: one message for each thing. */
export type Rule = (known: Case) => readonly string[];

export function casesOf(evidence: Evidence): readonly Case[] {
  const [steps, log, tasks] = [grouped(evidence.steps), grouped(evidence.log), grouped(evidence.tasks)];
  const [changes, effects] = [grouped(evidence.changes), grouped(evidence.effects)];
  const lines = groupBy(evidence.lines, ({ sagaId }) => sagaId);
  const outbox = groupBy(evidence.outbox, ({ key }) => sagaOfKey(key));
  const jobs = groupBy(evidence.jobs, ({ sagaId }) => sagaId);
  return evidence.sagas.map((saga) => ({
    saga,
    steps: steps.get(saga.saga_id) ?? [],
    log: log.get(saga.saga_id) ?? [],
    tasks: tasks.get(saga.saga_id) ?? [],
    changes: changes.get(saga.saga_id) ?? [],
    effects: effects.get(saga.saga_id) ?? [],
    lines: lines.get(saga.saga_id) ?? [],
    outbox: outbox.get(saga.saga_id) ?? [],
    jobs: jobs.get(saga.saga_id) ?? [],
    impaired: evidence.impaired,
  }));
}

function grouped<R extends { readonly saga_id: string }>(rows: readonly R[]): ReadonlyMap<string, readonly R[]> {
  return groupBy(rows, (row) => row.saga_id);
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** Applies named rules to every saga. */
export function judgeCases(cases: readonly Case[], rules: Readonly<Record<string, Rule>>): readonly Violation[] {
  return Object.entries(rules).flatMap(([rule, judge]) =>
    cases.flatMap((known) => judge(known).map((message) => ({ sagaId: known.saga.saga_id, rule, message }))),
  );
}

export const keyOf = (sagaId: string, step: string) => `${sagaId}:${step}:do`;
export const undoKeyOf = (sagaId: string, step: string) => `${sagaId}:${step}:undo`;

/** Every key of a saga's step, and of its events, begins with the saga's id. */
export function sagaOfKey(key: string): string {
  return key.slice(0, Math.max(key.indexOf(':'), 0));
}

export const isUndone = ({ status }: SagaSeen) =>
  status === 'COMPENSATED' || status === 'TIMEOUT' || status === 'CANCELLED';

export const hasEnded = (saga: SagaSeen) =>
  saga.status === 'COMPLETED' || saga.status === 'ABANDONED' || isUndone(saga);

/** A person took the saga forward, after it had turned back. */
export const wasSentOn = ({ log }: Case) =>
  log.some(({ event }) => event === 'sent forward' || event === 'done by hand');

export const rowOf = ({ steps }: Case, step: string) => steps.find(({ name }) => name === step);

/** What must be left of a step in the world. */
export type Expectation = 'present' | 'absent' | 'either';

/** A saga that ended says it for all its steps; of a parked or abandoned one each step says it for itself. */
export function expectationOf(known: Case, step: string): Expectation {
  const { status } = known.saga;
  if (status === 'COMPLETED') return 'present';
  if (isUndone(known.saga)) return 'absent';
  if (status !== 'FAILED' && status !== 'ABANDONED') return 'either';
  const row = rowOf(known, step)?.status;
  if (row === 'DONE') return 'present';
  return row === 'UNKNOWN' || row === 'COMPENSATION_FAILED' ? 'either' : 'absent';
}

import fc from 'fast-check';
import { decide } from '../../src/core/decide.ts';
import type { Row } from './state.ts';
import { at } from './state.ts';
import type { Conditions, Failure, Protocol, Ref, UndoRef } from './store.ts';
import { attemptFailed, cancel, checkIn, nextGeneration, record, stepFailed, turnBack, withdraw } from './store.ts';
import {
  abandon,
  checkInUndo,
  giveUp,
  goForward,
  recordUndo,
  resume,
  undoAttemptFailed,
  withdrawUndo,
} from './undo-store.ts';

const FORWARD = [
  'check in',
  'record',
  'withdraw',
  'attempt failed',
  'attempt cleared',
  'step FAILED',
  'step UNKNOWN',
  'deadline',
  'turn back',
  'recall',
  'cancel',
  'next generation',
] as const;
const UNDO = [
  'undo check in',
  'undo record',
  'undo withdraw',
  'undo attempt failed',
  'undo give up',
  'retry',
  'undone',
  'done',
  'forward',
  'abandon',
] as const;
/** What a person may say, and a job of a parked compensation do. */
const PARKED = ['retry', 'undone', 'done', 'forward', 'abandon', 'undo check in', 'cancel', 'next generation'] as const;
const EITHER = ['cancel', 'next generation', 'deadline', 'turn back', 'recall'] as const;
export type UndoKind = (typeof UNDO)[number];
type Kind = (typeof FORWARD)[number] | UndoKind;

/** How often each is drawn: what ends a saga, or its way forward, is to come late. Default 1. */
const WEIGHTS: Partial<Record<Kind, number>> = {
  'check in': 8,
  record: 6,
  'step UNKNOWN': 2,
  'attempt failed': 2,
  'attempt cleared': 2,
  'undo check in': 6,
  'undo give up': 6,
  'undo attempt failed': 2,
  retry: 2,
  done: 4,
  forward: 4,
};

/** One transition of the store, addressed relative to where the saga stands when it comes to it. */
export interface Drawn {
  /** What comes if the saga runs, and what if it is being undone; or the other way round. */
  readonly forward: Kind;
  readonly backward: Kind;
  /** What comes if the saga is parked. */
  readonly parked: Kind;
  readonly astray: boolean;
  /** Of the step whose turn it is, or of any. */
  readonly step: 'next' | number;
  /** Of the flow before. */
  readonly old: boolean;
  /** Said by a run that is not the newest. */
  readonly stale: boolean;
  /** The task for which a compensation's job was retried. */
  readonly retriedTask: UndoRef['retriedTask'];
}

/** The same in numbers. */
export interface Command extends Failure, UndoRef {
  readonly kind: Kind;
}

function weighted(kinds: readonly Kind[]): fc.Arbitrary<Kind> {
  return fc.oneof(...kinds.map((kind) => ({ weight: WEIGHTS[kind] ?? 1, arbitrary: fc.constant(kind) })));
}

const rarely = fc.integer({ min: 0, max: 7 }).map((drawn) => drawn === 0);
const command: fc.Arbitrary<Drawn> = fc.record({
  forward: weighted(FORWARD),
  backward: weighted([...UNDO, ...EITHER]),
  parked: weighted(PARKED),
  astray: rarely,
  step: fc.oneof({ weight: 6, arbitrary: fc.constant('next' as const) }, { weight: 1, arbitrary: fc.nat(2) }),
  old: rarely,
  stale: rarely,
  retriedTask: fc.constantFrom('open', 'other', undefined),
});

/** A run of a saga through the store. */
export const commands: fc.Arbitrary<readonly Drawn[]> = fc.array(command, { minLength: 20, maxLength: 50 });

export function addressed(row: Row, drawn: Drawn): Command {
  const { record, retryCount, checkIns, undoAttempts, undoCheckIns } = row;
  const expected = record.status === 'FAILED' ? drawn.parked : drawn.backward;
  const kind = (record.status === 'RUNNING') === drawn.astray ? expected : drawn.forward;
  const undoing = isUndo(kind);
  const step = drawn.step === 'next' ? nextOf(row, undoing) : drawn.step;
  return {
    kind,
    step,
    generation: record.generation - (drawn.old ? 1 : 0),
    attempt: 1 + (undoing ? at(undoAttempts, step) : retryCount),
    checkIn: (undoing ? at(undoCheckIns, step) : checkIns) - (drawn.stale ? 1 : 0),
    retriedTask: drawn.retriedTask,
  };
}

function isUndo(kind: Kind): boolean {
  return (UNDO as readonly Kind[]).includes(kind);
}

function nextOf(row: Row, undoing: boolean): number {
  const { steps } = row.record;
  if (!undoing) return Math.min(row.stepsDone, steps.length - 1);
  const action = decide(row.record);
  const name = action.kind === 'compensate' ? action.step : action.kind === 'park' ? action.steps[0] : undefined;
  return Math.max(
    steps.findIndex((step) => step.name === name),
    0,
  );
}

/** What the model says: the answer, and the row after it. */
export function inModel(protocol: Protocol, row: Row, to: Command): { answer: unknown; row: Row } {
  const { conditions } = protocol;
  const { kind } = to;
  switch (kind) {
    case 'check in':
      return checkIn(conditions, row, to);
    case 'record':
      return record(conditions, row, to);
    case 'withdraw':
      return silent(withdraw(conditions, row, to));
    case 'attempt failed':
    case 'attempt cleared':
      return attemptFailed(conditions, row, to, kind === 'attempt cleared');
    case 'step FAILED':
      return stepFailed(conditions, row, to, 'FAILED');
    case 'step UNKNOWN':
      return stepFailed(conditions, row, to, 'UNKNOWN');
    case 'deadline':
      return silent({ ...row, overdue: true });
    case 'turn back':
      return turnBack(protocol, row, to.generation, 'within');
    case 'recall':
      return turnBack(protocol, row, to.generation, 'outside');
    case 'cancel':
      return cancel(protocol, row);
    case 'next generation':
      return nextGeneration(row, to.generation);
    default:
      return undoInModel(conditions, row, kind, to);
  }
}

function undoInModel(conditions: Conditions, row: Row, kind: UndoKind, to: Command): { answer: unknown; row: Row } {
  switch (kind) {
    case 'undo check in':
      return checkInUndo(conditions, row, to);
    case 'undo record':
      return told(row, recordUndo(conditions, row, to));
    case 'undo withdraw':
      return silent(hasRow(row, to) ? withdrawUndo(row, to.step) : row);
    case 'undo attempt failed':
      return told(row, undoAttemptFailed(conditions, row, to));
    case 'undo give up':
      return told(row, giveUp(conditions, row, to));
    case 'retry':
    case 'undone':
      return resume(conditions, row, to.step, kind);
    case 'done':
      return goForward(conditions, row, to.step);
    case 'forward':
      return goForward(conditions, row);
    case 'abandon':
      return abandon(row);
    default:
      return kind satisfies never;
  }
}

/** A step has a row of its own when it has come to something. */
function hasRow({ record }: Row, { step }: Ref): boolean {
  const status = record.steps[step]?.status;
  return status !== 'PENDING' && status !== 'SKIPPED';
}

function told(before: Row, after: Row): { answer: boolean; row: Row } {
  return { answer: before !== after, row: after };
}

function silent(row: Row): { answer: undefined; row: Row } {
  return { answer: undefined, row };
}

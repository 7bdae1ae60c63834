import { isToUndo } from './decide.ts';
import { canGoForward } from './evolve.ts';
import type { SagaRecord, StepRecord } from './record.ts';
import type { RescueState } from './rescue.ts';
import { isInCharge } from './rescue.ts';
import type { Resolution, TaskKind } from './task.ts';

/** What can be done about a task is a function of its saga, as its row says, and of the step's code. */
export interface TaskSituation {
  readonly kind: TaskKind;
  readonly step: string;
  readonly record: SagaRecord;
  /** This process knows the saga's definition: without it nobody can say what running on would do. */
  readonly known: boolean;
  /** The step has a `verify`. */
  readonly verifiable: boolean;
  /** The saga that was started in place of its compensation. */
  readonly rescue: RescueState | undefined;
}

/** The resolutions that make sense for an open task, and what each will do: a sentence. */
export function resolutionsOf(situation: TaskSituation): ReadonlyMap<Resolution, string> {
  const { kind, step, record } = situation;
  if (kind === 'LATE_RESULT')
    return new Map([
      [
        'undone',
        `Notes that ${step} did not act, or that you have taken back what it did. The saga stays ${record.status}.`,
      ],
      ['abandon', `Leaves what ${step} did as it is. The saga stays ${record.status}.`],
    ]);
  if (!isOwed(record, step)) return new Map();
  if (situation.rescue && isInCharge(situation.rescue)) return new Map(rescued(situation.rescue, step));
  switch (kind) {
    case 'COMPENSATION_FAILED':
      return new Map([['retry', retryEffect(situation)], ['undone', undoneEffect(situation)], abandoning(record)]);
    case 'MANUAL_COMPENSATION':
      return new Map([['undone', undoneEffect(situation)], ...forward(situation), abandoning(record)]);
    case 'UNKNOWN_OUTCOME':
      return new Map([
        ...(situation.verifiable
          ? [['retry', `Asks once more whether ${step} acted, and goes on by the answer.`] as const]
          : []),
        ...done(situation),
        ['undone', undoneEffect(situation)],
        ...forward(situation),
        abandoning(record),
      ]);
    default:
      return kind satisfies never;
  }
}

/** Until its rescue has ended, what else were done would be done twice. */
function rescued({ sagaId, status }: RescueState, step: string): [Resolution, string][] {
  return status === 'COMPLETED' ? [['undone', `Saga ${sagaId} has completed: ${step} counts as undone.`]] : [];
}

/** The step still waits for a person. */
function isOwed({ status, steps }: SagaRecord, name: string): boolean {
  return status === 'FAILED' && steps.some((step) => step.name === name && step.status === 'COMPENSATION_FAILED');
}

function retryEffect({ step, record }: TaskSituation): string {
  return `Runs the compensation of ${step} again, with the same key. ${whatFollows(record, step)}`;
}

function undoneEffect({ kind, step, record }: TaskSituation): string {
  const claim =
    kind === 'UNKNOWN_OUTCOME' ? `${step} did not act, or you have undone it` : `you have undone ${step} by hand`;
  return `Takes your word that ${claim}. Nothing more is done about it. ${whatFollows(record, step)}`;
}

/** Once the step is undone. */
function whatFollows(record: SagaRecord, step: string): string {
  const others = record.steps.filter((other) => other.status === 'COMPENSATION_FAILED' && other.name !== step);
  const undone = record.steps
    .filter(isToUndo)
    .map(({ name }) => name)
    .reverse();
  if (undone.length > 0 && (others.length === 0 || record.onCompensationFailure === 'continue'))
    return `Then ${list(undone)} ${undone.length === 1 ? 'is' : 'are'} undone.`;
  if (others.length > 0) return `The saga still waits for ${list(others.map(({ name }) => name))}.`;
  return `Then the saga is ${record.ending ?? 'COMPENSATED'}.`;
}

function forward(situation: TaskSituation): [Resolution, string][] {
  const { record, known } = situation;
  const next = record.steps.find((step) => !isDone(step));
  if (!known || !canGoForward(record)) return [];
  if (!next) return [['forward', `Keeps everything that was done: the saga is COMPLETED.`]];
  const cancelled = record.ending === 'CANCELLED' ? ' It was cancelled: this takes that back.' : '';
  const effect = `Undoes nothing: the saga runs on from ${next.name}, with the same keys and a new deadline.${cancelled}`;
  return [['forward', effect]];
}

function done(situation: TaskSituation): [Resolution, string][] {
  const { record, step, known } = situation;
  if (!known || !canGoForward(record)) return [];
  const next = record.steps[record.steps.findIndex(({ name }) => name === step) + 1];
  const then = next ? `the saga runs on from ${next.name}, with a new deadline` : 'the saga is COMPLETED';
  return [['done', `Takes your word that ${step} acted, and records the output that you give: ${then}.`]];
}

function abandoning(record: SagaRecord): [Resolution, string] {
  const kept = record.steps.filter(mayBeInEffect).map(({ name }) => name);
  const what = kept.length === 0 ? 'Nothing more is undone' : `Nothing more is undone: what ${list(kept)} did stays`;
  return ['abandon', `${what}. The saga is ABANDONED, and its other tasks are closed.`];
}

function mayBeInEffect({ status }: StepRecord): boolean {
  return status === 'DONE' || status === 'UNKNOWN' || status === 'COMPENSATION_FAILED';
}

/** In effect, as far as anybody knows. */
function isDone(step: StepRecord): boolean {
  return step.status === 'DONE' || (step.status === 'COMPENSATION_FAILED' && step.wasDone);
}

function list(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

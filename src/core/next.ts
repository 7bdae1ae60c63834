import { decide, toUndo } from './decide.ts';
import type { SagaRecord } from './record.ts';
import type { SagaStatus } from './status.ts';

/** What waits for a person. */
export interface OpenTask {
  readonly id: string;
  readonly step: string;
  readonly kind: string;
}

/** A saga's record, with the times and counts that say when it goes on. */
export interface Outlook {
  readonly record: SagaRecord;
  readonly openTasks: readonly OpenTask[];
  /** Failed attempts of the step to run next. */
  readonly failedAttempts: number;
  /** All its attempts; null where its code is not known. */
  readonly maxAttempts: number | null;
  /** When the next attempt is due; null where none is, or nobody can say. */
  readonly retryAt: Date | null;
  /** Until when an answer is waited for; null where none is. */
  readonly waitUntil: Date | null;
  readonly timeoutAt: Date | null;
  /** Failed attempts of a step's compensation, by its name. */
  readonly failedUndos: ReadonlyMap<string, number>;
}

type Ended = Exclude<SagaStatus, 'RUNNING' | 'COMPENSATING' | 'FAILED'>;

const ENDED: Readonly<Record<Ended, string>> = {
  COMPLETED: 'it has completed',
  COMPENSATED: 'a step failed, and what was done is undone',
  TIMEOUT: 'its deadline passed, and what was done is undone',
  CANCELLED: 'it was cancelled, and what was done is undone',
  ABANDONED: 'a person gave it up as it stands',
};

/** What a person is asked, by the kind of the task. */
const ASKED: Readonly<Record<string, string>> = {
  COMPENSATION_FAILED: 'could not be undone',
  MANUAL_COMPENSATION: 'is to be undone by hand',
  UNKNOWN_OUTCOME: 'may have acted',
  LATE_RESULT: 'came back late',
};

/** What happens next with a saga, in one English sentence. Times are ISO 8601 in UTC. */
export function nextOf(outlook: Outlook): string {
  const { record } = outlook;
  switch (record.status) {
    case 'RUNNING':
      return `${forward(outlook)}${deadline(outlook.timeoutAt)}.`;
    case 'COMPENSATING':
      return `${backward(outlook)}.`;
    case 'FAILED':
      return `${parked(outlook)}.`;
    default:
      return `Nothing: ${ENDED[record.status]}${leftOver(outlook.openTasks)}.`;
  }
}

function forward({ record, waitUntil, failedAttempts, maxAttempts, retryAt }: Outlook): string {
  const action = decide(record);
  if (action.kind !== 'execute') return 'It completes';
  const { step } = action;
  if (waitUntil) return `${step} waits for its answer until ${waitUntil.toISOString()}`;
  if (failedAttempts === 0) return `${step} runs, step ${numberOf(record, step)} of ${record.steps.length}`;
  const attempt = `attempt ${failedAttempts + 1}${maxAttempts === null ? '' : ` of ${maxAttempts}`}`;
  return `${step} is tried again, ${attempt}${retryAt ? `, at about ${retryAt.toISOString()}` : ''}`;
}

function numberOf({ steps }: SagaRecord, name: string): number {
  return steps.findIndex((step) => step.name === name) + 1;
}

function deadline(timeoutAt: Date | null): string {
  return timeoutAt ? `; if the saga has not completed by ${timeoutAt.toISOString()}, it is undone` : '';
}

function backward({ record, failedUndos }: Outlook): string {
  const [step, ...rest] = toUndo(record);
  if (step === undefined || decide(record).kind !== 'compensate') return `It ends as ${record.ending ?? 'COMPENSATED'}`;
  const then = `${rest.length > 0 ? `, then ${listed(rest)}` : ''}${ending(record)}`;
  return `${step} ${undoing(record, step, failedUndos.get(step) ?? 0)}${then}`;
}

function undoing({ steps }: SagaRecord, step: string, failed: number): string {
  if (steps.find(({ name }) => name === step)?.undo === 'manual') return 'is given to a person to undo';
  if (failed === 0) return 'is undone';
  return `is undone, tried again after ${failed} failed ${failed === 1 ? 'attempt' : 'attempts'}`;
}

function ending({ ending, steps }: SagaRecord): string {
  const owes = steps.some(({ status }) => status === 'COMPENSATION_FAILED');
  return owes ? '' : `; then the saga ends as ${ending ?? 'COMPENSATED'}`;
}

function parked({ record, openTasks }: Outlook): string {
  const rest = toUndo(record);
  const then = rest.length > 0 ? `; ${listed(rest)} ${rest.length === 1 ? 'is' : 'are'} still to be undone` : '';
  if (openTasks.length > 0) return `It waits for a person: ${openTasks.map(asked).join(', ')}${then}`;
  const action = decide(record);
  const owed = action.kind === 'park' ? action.steps : [];
  return `It waits for a person${owed.length > 0 ? ` to undo ${listed(owed)}` : ''}${then}`;
}

function leftOver(openTasks: readonly OpenTask[]): string {
  return openTasks.length > 0 ? `; a person still has to look: ${openTasks.map(asked).join(', ')}` : '';
}

function asked({ id, step, kind }: OpenTask): string {
  return `${step} ${ASKED[kind] ?? 'needs a decision'} (task ${id})`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

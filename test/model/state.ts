import type { SagaDefinition, StepDefinition } from '../../src/core/definition.ts';
import { undoByName } from '../../src/core/record.ts';
import type { SagaRecord } from '../../src/core/record.ts';

/** What PostgreSQL holds of the one saga: the record decisions need, and the counters of its row and its steps. */
export interface Row {
  readonly record: SagaRecord;
  readonly stepsDone: number;
  readonly checkIns: number;
  /** Those check-ins that certainly did not act. */
  readonly cleared: number;
  readonly retryCount: number;
  /** The deadline has passed. */
  readonly overdue: boolean;
  /** By step: the failed attempts of its compensation, its check-ins and those that ended with a word, its open tasks. */
  readonly undoAttempts: readonly number[];
  readonly undoCheckIns: readonly number[];
  readonly undoAnswers: readonly number[];
  readonly openTasks: readonly number[];
}

/** What a key has come to outside. `void`: nothing was done under it, and nothing will be. */
export type Effect = 'none' | 'done' | 'undone' | 'void';

export interface World {
  /** By step. Of a transactional step: what is committed. */
  readonly effects: readonly Effect[];
  /** By step: how often the effect took place. */
  readonly times: readonly number[];
}

/** What Redis holds of a compensation's job, in the flow that counts. */
export interface UndoJob {
  readonly attemptsMade: number;
  /** `attemptsMade` as it was noted with the task that is open now. A note of a task that is closed is as good as none. */
  readonly noted: number | undefined;
  /** Whether it is failed: BullMQ does not deliver it until a person retries it. */
  readonly failed: boolean;
  /** Whether a person has retried it for the task that is open now. The engine cannot see it: a property is told by it. */
  readonly asked: boolean;
}

export const FRESH: UndoJob = { attemptsMade: 0, noted: undefined, failed: false, asked: false };

/** What a compensation's run has of its job. */
export interface Claim {
  /** As it was when the job was delivered. */
  readonly attemptsMade: number;
  /** The job was not delivered again since. */
  readonly holdsLock: boolean;
  /** The task that it was retried for, or that it is to note, is the one that is open now. */
  readonly ofOpenTask: boolean;
}

export const NO_CLAIM: Claim = { attemptsMade: 0, holdsLock: false, ofOpenTask: false };

/** Where a run stands between two of its awaits. A frozen one stays there for as long as it likes. */
export type Phase =
  /** Has its compensation's job, and has not checked in. */
  | 'fetched'
  /** Is to note in its job for which task it fails, and to fail it. */
  | 'noting'
  /** Has leave to act (or to undo). */
  | 'granted'
  /** Was given up on, and its code goes on all the same. */
  | 'late'
  /** Has acted (or undone), and is to record it. */
  | 'acted'
  /** Has caught an error of the step's (or the compensation's) code. */
  | 'error'
  | 'terminal'
  | 'no-answer'
  | 'unrecordable'
  | 'poison'
  /** `verify` has said what it was: the verdict is to be written. */
  | 'not-done'
  | 'unverified'
  /** Is to turn the saga back, its deadline having passed. */
  | 'expired'
  /** Is to open a task for a person. */
  | 'manual';

/** One run of a job in some worker. */
export interface Run {
  readonly job: 'step' | 'compensation';
  readonly generation: number;
  readonly step: number;
  readonly phase: Phase;
  readonly attempt: number;
  readonly checkIn: number;
  readonly unanswered: boolean;
  /** Of a compensation: what operators could still do when it began, by which runs before and after a retry are told. */
  readonly resolutionsLeft: number;
  readonly claim: Claim;
}

export interface State {
  readonly row: Row;
  readonly world: World;
  readonly runs: readonly Run[];
  /** By step: the job of its compensation. */
  readonly jobs: readonly UndoJob[];
  /** What operators may still do: resolve a parked compensation. */
  readonly resolutionsLeft: number;
}

export function initialState(definition: SagaDefinition, resolutions: number): State {
  const undo = undoByName(definition);
  const zeros = definition.steps.map(() => 0);
  const steps = definition.steps.map(({ name }) => ({
    name,
    status: 'PENDING' as const,
    undo: undo.get(name) ?? ('manual' as const),
    wasDone: false,
  }));
  const { type, onCompensationFailure } = definition;
  return {
    row: {
      record: { sagaId: 'saga', type, status: 'RUNNING', ending: null, generation: 1, onCompensationFailure, steps },
      stepsDone: 0,
      checkIns: 0,
      cleared: 0,
      retryCount: 0,
      overdue: false,
      undoAttempts: zeros,
      undoCheckIns: zeros,
      undoAnswers: zeros,
      openTasks: zeros,
    },
    world: { effects: definition.steps.map(() => 'none'), times: zeros },
    runs: [],
    jobs: definition.steps.map(() => FRESH),
    resolutionsLeft: resolutions,
  };
}

export function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error(`Nothing at ${index} of ${values.length}`);
  return value;
}

export function put<T>(values: readonly T[], index: number, value: T): readonly T[] {
  return values.with(index, value);
}

export function stepAt(definition: SagaDefinition, index: number): StepDefinition {
  return at(definition.steps, index);
}

const WORDS = `RUNNING COMPENSATING FAILED COMPLETED COMPENSATED TIMEOUT CANCELLED null PENDING DONE UNKNOWN
  COMPENSATION_FAILED SKIPPED none done undone void true false granted late acted error terminal no-answer unrecordable
  fetched noting poison not-done unverified expired manual step compensation ABANDONED`.split(/\s+/);
/** One letter for each word of a state, so that the keys of a million states fit into memory. */
const LETTERS: Readonly<Record<string, string>> = Object.fromEntries(
  WORDS.map((word, index) => [word, String.fromCodePoint(65 + index)]),
);

function letterOf(word: string | boolean | null): string {
  const letter = LETTERS[String(word)];
  if (letter === undefined) throw new Error(`No letter for ${word}`);
  return letter;
}

/** The same text for states that no later transition can tell apart: the order of the runs means nothing. */
export function keyOf(state: State): string {
  const [first, second, ...more] = state.runs.map(keyOfRun);
  if (first === undefined || second === undefined) return `${keyOfRow(state)}${first ?? ''}`;
  return `${keyOfRow(state)}${[first, second, ...more].sort().join('')}`;
}

/** All but the runs. */
export function keyOfRow({ row, world, jobs, resolutionsLeft }: State): string {
  const { status, ending, generation, steps } = row.record;
  let key = `${letterOf(status)}${letterOf(ending)}${generation}${row.stepsDone}${row.checkIns}${row.cleared}${row.retryCount}`;
  key += letterOf(row.overdue) + resolutionsLeft;
  for (const [index, step] of steps.entries()) {
    key += letterOf(step.status) + letterOf(step.wasDone) + letterOf(at(world.effects, index));
    key += `${row.undoAttempts[index]}${row.undoCheckIns[index]}${row.undoAnswers[index]}${row.openTasks[index]}${world.times[index]}${keyOfJob(at(jobs, index))}`;
  }
  return key;
}

function keyOfJob(job: UndoJob): string {
  if (job === FRESH) return '';
  return `${job.attemptsMade}${job.noted ?? '-'}${letterOf(job.failed)}${letterOf(job.asked)}`;
}

const RUN_KEYS = new WeakMap<Run, string>();

function keyOfRun(run: Run): string {
  const known = RUN_KEYS.get(run);
  if (known !== undefined) return known;
  const { generation, step, attempt, checkIn, resolutionsLeft, claim } = run;
  const held =
    claim === NO_CLAIM ? '' : `${claim.attemptsMade}${letterOf(claim.holdsLock)}${letterOf(claim.ofOpenTask)}`;
  const key = `${letterOf(run.job)}${letterOf(run.phase)}${letterOf(run.unanswered)}${generation}${step}${attempt}${checkIn}${resolutionsLeft}${held}`;
  RUN_KEYS.set(run, key);
  return key;
}

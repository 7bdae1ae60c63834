import type { SagaDefinition } from '../core/definition.ts';
import { undoOf } from '../core/definition.ts';
import type { SagaRecord, StepRecord } from '../core/record.ts';
import type { NewSaga } from '../core/request.ts';
import type { TaskKind } from '../core/task.ts';
import type { Changed } from '../store/sagas/changes.ts';
import type { LoadedSaga, StepRow } from '../store/sagas/loaded-saga.ts';

export interface RehearsedTask {
  readonly step: string;
  readonly kind: TaskKind;
  readonly message: string;
}

/** What PostgreSQL would hold of the one saga. Never changed in place: a transaction that is rolled back puts the one before back. */
export interface MemorySaga {
  readonly record: SagaRecord;
  readonly stepsDone: number;
  readonly checkIns: number;
  readonly cleared: number;
  readonly retryCount: number;
  /** JSON text, as all that is kept. */
  readonly input: string;
  readonly state: string;
  readonly waitUntilMs: number | null;
  readonly timeoutAtMs: number;
  readonly errorMessage: string | null;
  readonly rows: ReadonlyMap<string, StepRow>;
  /** The steps that were undone, in order. */
  readonly undone: readonly string[];
  readonly tasks: readonly RehearsedTask[];
  /** The answer that was received, by step. */
  readonly signals: ReadonlyMap<string, string>;
}

/** The rows of a saga that has just started. */
export function startedSaga(definition: SagaDefinition, saga: NewSaga): MemorySaga {
  const { type, onCompensationFailure } = definition;
  const steps = definition.steps.map((step): StepRecord => ({
    name: step.name,
    status: 'PENDING',
    undo: undoOf(step),
    wasDone: false,
  }));
  return {
    record: {
      sagaId: saga.sagaId,
      type,
      status: 'RUNNING',
      ending: null,
      generation: 1,
      onCompensationFailure,
      steps,
    },
    stepsDone: 0,
    checkIns: 0,
    cleared: 0,
    retryCount: 0,
    input: saga.input,
    state: saga.input,
    waitUntilMs: null,
    timeoutAtMs: saga.timeoutMs,
    errorMessage: null,
    rows: new Map(),
    undone: [],
    tasks: [],
    signals: new Map(),
  };
}

/** As the store's loads answer it. Times of the wall mean nothing in a rehearsal. */
export function loadedOf(saga: MemorySaga, definition: SagaDefinition): LoadedSaga {
  const next = definition.steps[saga.stepsDone];
  return {
    record: saga.record,
    definition,
    stepsDone: saga.stepsDone,
    checkIns: saga.checkIns,
    retryCount: saga.retryCount,
    input: JSON.parse(saga.input),
    state: JSON.parse(saga.state),
    waitUntil: null,
    inDoubt: next?.kind !== 'transaction' && (saga.checkIns > saga.cleared || saga.waitUntilMs !== null),
    timeoutAt: null,
    updatedAt: new Date(0),
    ageMs: 0,
    rows: saga.rows,
  };
}

/** The rows after a change, as `writeChanges` leaves them. */
export function afterChange(saga: MemorySaga, change: Changed): MemorySaga {
  const { after, event, details, attempt } = change;
  return {
    ...saga,
    record: after,
    retryCount: details?.attempts ?? attempt?.number ?? saga.retryCount,
    cleared: saga.cleared + (attempt?.cleared === true ? 1 : 0),
    waitUntilMs: event ? null : saga.waitUntilMs,
    errorMessage: details?.errorMessage ?? saga.errorMessage,
    rows: new Map([...saga.rows, ...changedRows(saga, change), ...undoRow(saga, change)]),
  };
}

function changedRows(saga: MemorySaga, { after, details }: Changed): readonly (readonly [string, StepRow])[] {
  return after.steps.flatMap((step, index) => {
    const before = saga.record.steps[index]?.status;
    if (step.status === before || step.status === 'SKIPPED' || step.status === 'PENDING') return [];
    const attempts = details?.attempts ?? saga.retryCount;
    const row = saga.rows.get(step.name) ?? newRow(step, index, attempts, details?.errorMessage ?? null);
    return [[step.name, { ...row, status: step.status }]];
  });
}

function undoRow(saga: MemorySaga, { undo }: Changed): readonly (readonly [string, StepRow])[] {
  const row = undo && saga.rows.get(undo.step);
  if (!row) return [];
  if (undo.kind === 'begun') return [[undo.step, { ...row, compensation_check_ins: row.compensation_check_ins + 1 }]];
  const counted = { compensation_attempts: undo.attempt, compensation_answers: row.compensation_answers + 1 };
  return [[undo.step, { ...row, ...counted, compensation_error: undo.message }]];
}

/** The rows after the record of the step that was to run next. */
export function afterRecord(saga: MemorySaga, output: string, attempts: number): MemorySaga {
  const { record, stepsDone } = saga;
  const step = record.steps[stepsDone];
  if (!step) throw new Error(`Saga ${record.sagaId} has no step ${stepsDone}`);
  const done: StepRecord = { ...step, status: 'DONE', wasDone: true };
  const row = {
    ...newRow(done, stepsDone, attempts, null),
    output: JSON.parse(output) as unknown,
    done_at: new Date(0),
  };
  const isLast = stepsDone + 1 === record.steps.length;
  const status = isLast ? 'COMPLETED' : record.status;
  return {
    ...saga,
    record: { ...record, status, steps: record.steps.with(stepsDone, done) },
    state: merged(saga.state, output),
    stepsDone: stepsDone + 1,
    checkIns: 0,
    cleared: 0,
    retryCount: 0,
    waitUntilMs: null,
    rows: new Map([...saga.rows, [step.name, row]]),
  };
}

/** The rows after `verify` found a step in doubt to be done, which a person is then asked to undo. */
export function afterFound(saga: MemorySaga, step: string, output: string): MemorySaga {
  const row = saga.rows.get(step);
  if (!row) return saga;
  const found = { ...row, output: JSON.parse(output) as unknown, done_at: new Date(0) };
  const steps = saga.record.steps.map((each) => (each.name === step ? { ...each, wasDone: true } : each));
  const record = { ...saga.record, steps };
  return { ...saga, record, state: merged(saga.state, output), rows: new Map([...saga.rows, [step, found]]) };
}

function merged(state: string, output: string): string {
  return JSON.stringify({ ...(JSON.parse(state) as object), ...(JSON.parse(output) as object) });
}

function newRow({ name, status }: StepRecord, index: number, attempts: number, error: string | null): StepRow {
  return {
    name,
    step_index: index,
    status,
    output: null,
    attempts,
    error_message: error,
    started_at: null,
    done_at: null,
    compensation_attempts: 0,
    compensation_check_ins: 0,
    compensation_answers: 0,
    compensation_error: null,
    compensated_at: null,
  };
}

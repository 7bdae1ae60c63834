import type { SagaDefinition, SqlRunner } from '../../core/definition.ts';
import type { SagaRecord, StepRecord } from '../../core/record.ts';
import { undoByName } from '../../core/record.ts';
import type { Registry } from '../../core/registry.ts';
import type { Ending, SagaStatus, StepStatus } from '../../core/status.ts';
import { AGE_MS } from '../fence.ts';

/** A saga as its row says, with what decisions need. */
export interface LoadedSaga {
  readonly record: SagaRecord;
  /** Its code; undefined where this process does not have it. */
  readonly definition: SagaDefinition | undefined;
  readonly stepsDone: number;
  readonly checkIns: number;
  readonly retryCount: number;
  readonly input: unknown;
  readonly state: unknown;
  readonly waitUntil: Date | null;
  /** The step to run next may have acted: not every run of it is known not to have, or its request was sent. Never so for a step
   *  that commits with its record: after a turn back the fence keeps it from committing. */
  readonly inDoubt: boolean;
  readonly timeoutAt: Date | null;
  readonly updatedAt: Date;
  /** Since its start, in milliseconds. */
  readonly ageMs: number;
  readonly rows: ReadonlyMap<string, StepRow>;
}

export interface StepRow {
  readonly name: string;
  readonly step_index: number;
  readonly status: StepStatus;
  readonly output: unknown;
  readonly attempts: number;
  readonly error_message: string | null;
  readonly started_at: Date | null;
  readonly done_at: Date | null;
  readonly compensation_attempts: number;
  readonly compensation_check_ins: number;
  readonly compensation_answers: number;
  readonly compensation_error: string | null;
  readonly compensated_at: Date | null;
}

interface SagaRow {
  readonly saga_id: string;
  readonly saga_type: string;
  readonly status: SagaStatus;
  readonly ending: Ending | null;
  readonly generation: number;
  readonly definition: readonly string[];
  readonly steps_done: number;
  readonly check_ins: number;
  readonly cleared: number;
  readonly retry_count: number;
  readonly input: unknown;
  readonly state: unknown;
  readonly wait_until: Date | null;
  readonly timeout_at: Date | null;
  readonly updated_at: Date;
  readonly age_ms: number;
}

// Every saga is looked up by its key, as in the journal's statement, and for its reason.
const find = (lock: string, settings: string) => `
  SELECT saga.*, ${AGE_MS} AS age_ms ${settings}
  FROM unnest($1::text[]) AS op(saga_id) CROSS JOIN LATERAL (
    SELECT saga_id, saga_type, status, ending, generation, definition, steps_done, check_ins, cleared, retry_count, input, state,
      wait_until, timeout_at, updated_at, started_at
    FROM saga_state AS found WHERE found.saga_id = op.saga_id OFFSET 0 ${lock}
  ) AS saga`;
// A process that freezes with rows locked is thrown out of its transaction by the server. And what is written next is
// planned for the tables as they are.
const SETTINGS = `, set_config('idle_in_transaction_session_timeout', '10000', true),
  set_config('plan_cache_mode', 'force_custom_plan', true)`;
const STATEMENTS = {
  read: find('', ''),
  lock: find('FOR UPDATE', SETTINGS),
  'lock the free': find('FOR UPDATE SKIP LOCKED', SETTINGS),
} as const;
const FIND_STEPS = `
  SELECT step.*
  FROM unnest($1::text[]) AS op(saga_id) CROSS JOIN LATERAL (
    SELECT saga_id, name, step_index, status, output, attempts, error_message, started_at, done_at, compensation_attempts,
      compensation_check_ins, compensation_answers, compensation_error, compensated_at
    FROM saga_step AS found WHERE found.saga_id = op.saga_id OFFSET 0
  ) AS step ORDER BY step.saga_id, step.step_index`;

/** How sagas are read: `lock` holds their rows until the transaction ends, `lock the free` passes over those that another holds. */
export type Access = keyof typeof STATEMENTS;

/** The sagas of these ids that there are, by id. */
export async function readSagas(
  sql: SqlRunner,
  registry: Registry,
  sagaIds: readonly string[],
  access: Access,
): Promise<ReadonlyMap<string, LoadedSaga>> {
  const rows = await sql.$queryRawUnsafe<SagaRow[]>(STATEMENTS[access], sagaIds);
  if (rows.length === 0) return new Map();
  const found = rows.map((row) => row.saga_id);
  const steps = new Map<string, StepRow[]>(found.map((sagaId) => [sagaId, []]));
  for (const step of await sql.$queryRawUnsafe<(StepRow & { readonly saga_id: string })[]>(FIND_STEPS, found))
    steps.get(step.saga_id)?.push(step);
  return new Map(rows.map((row) => [row.saga_id, toLoadedSaga(registry, row, steps.get(row.saga_id) ?? [])]));
}

function toLoadedSaga(registry: Registry, row: SagaRow, steps: readonly StepRow[]): LoadedSaga {
  const rows = new Map(steps.map((step) => [step.name, step]));
  const definition = registry.get(row.saga_type);
  return {
    record: recordOf(definition, row, rows),
    definition,
    stepsDone: row.steps_done,
    checkIns: row.check_ins,
    retryCount: row.retry_count,
    input: row.input,
    state: row.state,
    waitUntil: row.wait_until,
    inDoubt: isInDoubt(row, definition),
    timeoutAt: row.timeout_at,
    updatedAt: row.updated_at,
    ageMs: row.age_ms,
    rows,
  };
}

type RecordRow = Pick<SagaRow, 'saga_id' | 'saga_type' | 'status' | 'ending' | 'generation' | 'definition'>;

/** What decisions need, of a saga's row and its steps'. */
export function recordOf(
  definition: SagaDefinition | undefined,
  row: RecordRow,
  rows: ReadonlyMap<string, Pick<StepRow, 'status' | 'done_at'>>,
): SagaRecord {
  const undo = definition ? undoByName(definition) : undefined;
  const withoutRow = row.status === 'RUNNING' ? 'PENDING' : 'SKIPPED';
  const toRecord = (name: string): StepRecord => ({
    name,
    status: rows.get(name)?.status ?? withoutRow,
    // Without the step's code nobody can say that it needs no undoing: a person has to.
    undo: undo?.get(name) ?? 'manual',
    wasDone: (rows.get(name)?.done_at ?? null) !== null,
  });
  return {
    sagaId: row.saga_id,
    type: row.saga_type,
    status: row.status,
    ending: row.ending,
    generation: row.generation,
    onCompensationFailure: definition?.onCompensationFailure ?? 'stop',
    steps: row.definition.map(toRecord),
  };
}

function isInDoubt(row: SagaRow, definition: SagaDefinition | undefined): boolean {
  const next = row.definition[row.steps_done];
  if (definition?.steps.find((step) => step.name === next)?.kind === 'transaction') return false;
  return row.check_ins > row.cleared || row.wait_until !== null;
}

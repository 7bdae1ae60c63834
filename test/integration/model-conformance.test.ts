import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SagaDefinition } from '../../src/core/definition.ts';
import { RunnerError } from '../../src/core/errors.ts';
import { createRegistry } from '../../src/core/registry.ts';
import { newSaga } from '../../src/core/request.ts';
import type {
  CompensationCheckIn,
  CompensationRef,
  Compensations,
  FailedUndo,
} from '../../src/store/sagas/compensations.ts';
import { createCompensations } from '../../src/store/sagas/compensations.ts';
import type { CheckInResult, Journal } from '../../src/store/journal/journal.ts';
import { createJournal } from '../../src/store/journal/journal.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { abandonSaga, reopenCompensation, sendForward } from '../../src/store/sagas/reopen.ts';
import type { SagaStore } from '../../src/store/sagas/sagas.ts';
import { createSagaStore } from '../../src/store/sagas/sagas.ts';
import { createStarts } from '../../src/store/sagas/starts.ts';
import type { Verdicts } from '../../src/store/sagas/verdicts.ts';
import { createVerdicts } from '../../src/store/sagas/verdicts.ts';
import type { Command, Drawn, UndoKind } from '../model/commands.ts';
import { addressed, commands, inModel } from '../model/commands.ts';
import { SAGAS } from '../model/sagas.ts';
import type { Row } from '../model/state.ts';
import { at, initialState } from '../model/state.ts';
import { CONDITIONS } from '../model/store.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';

/** Any number: the same paths in every run, until it is changed. */
const SEED = 20_261;
const PATHS = Number(process.env['MODEL_PATHS'] ?? 15);
const BY = { actor: 'test', reason: 'conformance' } as const;

let database: TestDatabase;
let prisma: Database['prisma'];
let disconnect: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ prisma, close: disconnect } = connectPrisma(database.url));
  await prisma.$queryRawUnsafe('SELECT 1');
});

afterAll(async () => {
  await disconnect();
  await database.drop();
});

describe.each(Object.entries(SAGAS))('%s', (_name, definition) => {
  test('the store answers as the model does, and keeps what the model keeps', async () => {
    const property = fc.asyncProperty(commands, (path) => follow(definition, path));
    await fc.assert(property, { seed: SEED, numRuns: PATHS });
  });
});

async function follow(definition: SagaDefinition, path: readonly Drawn[]): Promise<void> {
  const store = await openStore(definition);
  let { row } = initialState(definition, 0);
  for (const drawn of path) {
    const command = addressed(row, drawn);
    const expected = inModel({ definition, conditions: CONDITIONS }, row, command);
    const answer = await inStore(store, command);
    expect({ command, answer, row: await rowOf(store) }).toEqual({ command, ...expected });
    ({ row } = expected);
  }
}

interface OpenStore {
  readonly definition: SagaDefinition;
  readonly sagaId: string;
  readonly sagas: SagaStore;
  readonly journal: Journal;
  readonly verdicts: Verdicts;
  readonly compensations: Compensations;
}

/** The real store, with one saga in it that has just started. */
async function openStore(definition: SagaDefinition): Promise<OpenStore> {
  const registry = createRegistry([definition]);
  const sagas = createSagaStore(prisma, registry);
  const { saga } = newSaga(registry, definition.type, {}, { inputLimitBytes: 1_000 });
  const { sagaId } = saga;
  await createStarts(prisma).start(saga);
  return {
    definition,
    sagaId,
    sagas,
    journal: createJournal(prisma),
    verdicts: createVerdicts(sagas),
    compensations: createCompensations(prisma, sagas),
  };
}

/** What the store answers to the command. */
async function inStore(store: OpenStore, command: Command): Promise<unknown> {
  const { sagaId, journal, verdicts } = store;
  const { kind, generation, attempt, checkIn } = command;
  const ref = { sagaId, generation, stepIndex: command.step, step: at(store.definition.steps, command.step).name };
  const failure = { ...ref, attempt, checkIn, message: 'failed' };
  switch (kind) {
    case 'check in':
      return grantOf(await journal.checkIn({ ...ref, maxAttempts: 2 }));
    case 'record':
      return (await journal.record({ ...ref, output: '{}', attempt, startedAtMs: Date.now() })).kind;
    case 'withdraw':
      return journal.withdraw(ref);
    case 'attempt failed':
    case 'attempt cleared':
      return verdicts.attemptFailed(failure, kind === 'attempt cleared');
    case 'step FAILED':
      return verdicts.stepFailed(failure, 'FAILED');
    case 'step UNKNOWN':
      return verdicts.stepFailed(failure, 'UNKNOWN');
    case 'deadline':
      await prisma.$executeRawUnsafe(`UPDATE saga_state SET timeout_at = '2000-01-01' WHERE saga_id = $1`, sagaId);
      return undefined;
    case 'turn back':
      return verdicts.turnBack(sagaId, generation, 'TIMEOUT', 'deadline');
    case 'recall':
      return (await verdicts.recall(sagaId, generation, 'TIMEOUT', 'deadline')) !== undefined;
    case 'cancel':
      return orWrongState('cancelled', verdicts.cancel(sagaId, BY));
    case 'next generation':
      return nextGeneration(store, generation);
    default:
      return undoInStore(store, kind, ref, command);
  }
}

async function nextGeneration({ sagas, sagaId }: OpenStore, generation: number): Promise<number | undefined> {
  const raised = await sagas.nextGenerations(prisma, [{ sagaId, generation }]);
  return raised.has(sagaId) ? generation + 1 : undefined;
}

async function undoInStore(
  store: OpenStore,
  kind: UndoKind,
  ref: CompensationRef,
  { attempt, checkIn, retriedTask }: Command,
): Promise<unknown> {
  const { compensations } = store;
  const failure: FailedUndo = { attempt, checkIn, message: 'failed' };
  switch (kind) {
    case 'undo check in':
      return undoCheckIn(store, ref, retriedTask);
    case 'undo record':
      return compensations.record(ref);
    case 'undo withdraw':
      return compensations.withdraw(ref);
    case 'undo attempt failed':
      return compensations.attemptFailed(ref, failure);
    case 'undo give up':
      return parkedBy(store, ref, (await compensations.giveUp(ref, 'COMPENSATION_FAILED', failure))?.taskId);
    case 'retry':
    case 'undone':
      return orWrongState('resumed', reopen(store, ref.step, kind));
    case 'done':
    case 'forward':
      return orWrongState('sent forward', goForward(store, kind, ref.step));
    case 'abandon':
      return orWrongState('abandoned', abandon(store));
    default:
      return kind satisfies never;
  }
}

/** As a resolution does. */
function reopen({ sagas, sagaId }: OpenStore, step: string, resolution: 'retry' | 'undone'): Promise<void> {
  return sagas.withLock(sagaId, (tx, saga) => reopenCompensation(tx, sagas, saga, step, { ...BY, resolution }));
}

function goForward({ sagas, sagaId }: OpenStore, resolution: 'done' | 'forward', step: string): Promise<void> {
  const done = resolution === 'done' ? { step, output: '{}' } : undefined;
  return sagas.withLock(sagaId, (tx, saga) => sendForward(tx, sagas, saga, { ...BY, resolution }, done));
}

function abandon({ sagas, sagaId }: OpenStore): Promise<void> {
  return sagas.withLock(sagaId, (tx, saga) => abandonSaga(tx, sagas, saga, { ...BY, resolution: 'abandon' }));
}

/** The step's open tasks, newest first. */
async function openTasks({ sagaId }: OpenStore, step: string): Promise<readonly string[]> {
  const tasks = await prisma.$queryRawUnsafe<{ id: string }[]>(
    `SELECT id::text FROM operator_task WHERE saga_id = $1 AND step = $2 AND status = 'open' ORDER BY id DESC`,
    sagaId,
    step,
  );
  return tasks.map(({ id }) => id);
}

async function undoCheckIn(
  store: OpenStore,
  ref: CompensationRef,
  retriedTask: Command['retriedTask'],
): Promise<unknown> {
  const [open] = await openTasks(store, ref.step);
  const taskId = retriedTask === 'open' ? open : retriedTask === 'other' ? '0' : undefined;
  const result = await store.compensations.checkIn({ ...ref, retriedTask: taskId });
  if (result.kind === 'parked') return { ...result, taskId: result.taskId === open ? 'open' : result.taskId };
  return undoGrantOf(result);
}

/** Whether a task was answered: the one that is open now. */
async function parkedBy(store: OpenStore, ref: CompensationRef, taskId: string | undefined): Promise<boolean> {
  if (taskId !== undefined) expect(await openTasks(store, ref.step)).toEqual([taskId]);
  return taskId !== undefined;
}

/** What the store holds, in the model's words. */
async function rowOf({ definition, sagas, sagaId }: OpenStore): Promise<Row> {
  const loaded = await sagas.load(sagaId);
  if (!loaded) throw new Error(`There is no saga ${sagaId}`);
  const [counted] = await prisma.$queryRawUnsafe<{ cleared: number }[]>(
    `SELECT cleared FROM saga_state WHERE saga_id = $1`,
    sagaId,
  );
  const tasks = await prisma.$queryRawUnsafe<{ step: string }[]>(
    `SELECT step FROM operator_task WHERE saga_id = $1 AND status = 'open'`,
    sagaId,
  );
  const perStep = (count: (name: string) => number) => definition.steps.map(({ name }) => count(name));
  return {
    record: { ...loaded.record, sagaId: 'saga' },
    stepsDone: loaded.stepsDone,
    checkIns: loaded.checkIns,
    cleared: counted?.cleared ?? 0,
    retryCount: loaded.retryCount,
    overdue: loaded.timeoutAt !== null && loaded.timeoutAt < new Date(),
    undoAttempts: perStep((name) => loaded.rows.get(name)?.compensation_attempts ?? 0),
    undoCheckIns: perStep((name) => loaded.rows.get(name)?.compensation_check_ins ?? 0),
    undoAnswers: perStep((name) => loaded.rows.get(name)?.compensation_answers ?? 0),
    openTasks: perStep((name) => tasks.filter(({ step }) => step === name).length),
  };
}

/** What of a grant the model has. */
function grantOf(grant: CheckInResult) {
  if (grant.kind !== 'granted') return grant;
  const { kind, attempt, checkIn, unanswered, lost } = grant;
  return { kind, attempt, checkIn, unanswered, lost };
}

function undoGrantOf(grant: CompensationCheckIn) {
  if (grant.kind !== 'granted') return grant;
  const { kind, attempt, checkIn, lost } = grant;
  return { kind, attempt, checkIn, lost };
}

async function orWrongState(answer: string, work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return answer;
  } catch (error) {
    if (error instanceof RunnerError && error.code === 'WRONG_STATE') return error.code;
    throw error;
  }
}

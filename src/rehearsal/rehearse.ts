import type { Logger } from 'pino';
import { pino } from 'pino';
import { decide } from '../core/decide.ts';
import type { SagaDefinition, SqlClient, StepDefinition } from '../core/definition.ts';
import { DefinitionError } from '../core/errors.ts';
import { createRegistry } from '../core/registry.ts';
import { newSaga } from '../core/request.ts';
import type { SagaStatus, StepStatus } from '../core/status.ts';
import type { Fault } from './fault.ts';
import { checkFault } from './fault.ts';
import { compensateNext, executeNext } from './deliveries.ts';
import { engineOn } from './engine.ts';
import { instrument } from './instrument.ts';
import type { RehearsedTask } from './memory-saga.ts';
import { startedSaga } from './memory-saga.ts';
import type { Answer } from './outside.ts';
import type { Memory } from './memory-store.ts';
import type { Call } from './stage.ts';
import { actLate, createStage } from './stage.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** Whatever has `$transaction(work)`: a Prisma client, or a double such as `memoryDb`. */
export interface TransactionalDb {
  $transaction(...args: never[]): unknown;
}

export interface RehearsalOptions {
  /** The request, as `runner.start` takes it. */
  readonly input: unknown;
  /** What goes wrong. Default: nothing. */
  readonly faults?: readonly Fault[];
  /** For transactions and waiting steps. Default: the definition's own `db`. */
  readonly db?: TransactionalDb;
  /** By waiting step: its answer, or what serves the request and answers. Without one, or for undefined, no answer comes. */
  readonly signals?: Readonly<Record<string, Answer>>;
  /** How long a call may really take, in milliseconds, before it counts as one that gives no answer. Default 5_000. */
  readonly patienceMs?: number;
  /** As the runner's. Default 262_144. */
  readonly outputLimitBytes?: number;
  /** Default: silent. */
  readonly log?: Logger;
}

export interface RehearsedStep {
  readonly name: string;
  readonly status: StepStatus;
  /** Those of its last verdict; 0 for a step that has none. */
  readonly attempts: number;
  readonly error: string | null;
}

/** What a saga came to. */
export interface Rehearsal {
  readonly sagaId: string;
  readonly status: SagaStatus;
  /** What ended the forward run; null where nothing did. */
  readonly error: string | null;
  /** Input and outputs merged. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly steps: readonly RehearsedStep[];
  /** Every call of the steps' code, in order. */
  readonly calls: readonly Call[];
  /** The steps that were done, in order, undone or not. */
  readonly done: readonly string[];
  /** The steps that were undone, in order. */
  readonly undone: readonly string[];
  /** What waits for a person. */
  readonly tasks: readonly RehearsedTask[];
  /** Faults that nothing was there for: no test of theirs. */
  readonly unstruck: readonly Fault[];
  /** How long it would have taken, in milliseconds: backoffs, timeouts and waits. */
  readonly elapsedMs: number;
}

const LIMIT_BYTES = 256 * 1_024;
const PATIENCE_MS = 5_000;
/** No saga needs as many: one that does would never end. */
const DELIVERIES = 10_000;

/**
 * Runs a saga in memory, through the engine's own processors, and answers what it came to. Nothing is waited for: backoffs,
 * timeouts and waits pass at once. Throws what `runner.start` would refuse (`RunnerError`, `DefinitionError`), and a
 * `RangeError` for a fault that no call of the saga can have.
 */
export async function rehearse(given: SagaDefinition, options: RehearsalOptions): Promise<Rehearsal> {
  // A rescue is a saga of its own: until it has completed, the saga that it is for waits with its task.
  const definition: SagaDefinition = { ...given, rescue: undefined };
  const { faults = [], signals = {}, outputLimitBytes = LIMIT_BYTES, log = pino({ level: 'silent' }) } = options;
  faults.forEach((fault) => checkFault(definition, fault));
  const registry = createRegistry([definition]);
  const { saga } = newSaga(registry, definition.type, options.input, { inputLimitBytes: outputLimitBytes });
  const clock = createVirtualClock();
  const started = startedSaga(definition, saga);
  const memory: Memory = { definition, clock, saga: started, ahead: undefined, uncommitted: undefined };
  const cancel = async () => {
    await engine.context.verdicts.cancel(saga.sagaId, { actor: 'rehearsal', reason: 'cancelled, as rehearsed' });
  };
  const stage = createStage(memory, faults, options.patienceMs ?? PATIENCE_MS, cancel);
  const instrumented = instrument(definition, stage, clientFor(definition, options.db));
  const engine = engineOn(stage, instrumented, { outputLimitBytes, log });

  for (let deliveries = 0; ; deliveries += 1) {
    if (deliveries === DELIVERIES)
      throw new Error(`Saga ${definition.type} does not end: ${memory.saga.record.status}`);
    const action = decide(memory.saga.record);
    if (action.kind === 'execute') await executeNext(engine, action.step, signals);
    else if (action.kind === 'compensate') await compensateNext(engine, action.step);
    else break;
  }
  await actLate(stage);
  return { ...outcomeOf(memory), calls: stage.calls, unstruck: stage.unstruck(), elapsedMs: clock.nowMs() };
}

function outcomeOf({ saga }: Memory): Omit<Rehearsal, 'calls' | 'unstruck' | 'elapsedMs'> {
  const { record, undone } = saga;
  return {
    sagaId: record.sagaId,
    status: record.status,
    error: saga.errorMessage,
    state: JSON.parse(saga.state) as Record<string, unknown>,
    steps: record.steps.map(({ name, status }) => ({
      name,
      status,
      attempts: saga.rows.get(name)?.attempts ?? 0,
      error: saga.rows.get(name)?.error_message ?? null,
    })),
    done: record.steps.filter(({ wasDone }) => wasDone).map(({ name }) => name),
    undone,
    tasks: saga.tasks,
  };
}

function clientFor(definition: SagaDefinition, given: TransactionalDb | undefined): SqlClient | undefined {
  const db = given ?? definition.db;
  if (typeof db?.$transaction === 'function') return db as SqlClient;
  const inNeed = definition.steps.find((step: StepDefinition) => step.kind !== 'step');
  if (!inNeed) return undefined;
  throw new DefinitionError(
    `Saga ${definition.type}, step ${inNeed.name} runs in a transaction: give rehearse a db with $transaction, such as memoryDb({ … })`,
  );
}

import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { SagaDefinition, SqlClient } from '../core/definition.ts';
import type { ProcessorContext } from '../processors/context.ts';
import type { Flows } from '../queues/flows.ts';
import type { Tracing } from '../queues/tracing.ts';
import { createCompensations } from '../store/sagas/compensations.ts';
import type { Compensations } from '../store/sagas/compensations.ts';
import type { Journal } from '../store/journal/journal.ts';
import type { SagaStore } from '../store/sagas/sagas.ts';
import { createVerdicts } from '../store/sagas/verdicts.ts';
import { afterFound } from './memory-saga.ts';
import { NO_ROWS, beginWriting, memoryJournal, memorySagas, memoryWaits, registryOf } from './memory-store.ts';
import type { Stage } from './stage.ts';

/** The engine's processors, verdicts and compensations, on a saga in memory. */
export interface Engine {
  readonly stage: Stage;
  readonly definition: SagaDefinition;
  readonly context: ProcessorContext;
}

export function engineOn(
  stage: Stage,
  definition: SagaDefinition,
  { outputLimitBytes, log }: { readonly outputLimitBytes: number; readonly log: Logger },
): Engine {
  const { memory } = stage;
  const sagas = memorySagas(memory);
  const running = new AbortController().signal;
  // Every run whose process died still listens to it.
  setMaxListeners(0, running);
  const sql: SqlClient = { ...NO_ROWS, $transaction: (work) => work(NO_ROWS) };
  const context: ProcessorContext = {
    registry: registryOf(definition),
    sql,
    prisma: sql,
    ownIn: (tx) => tx,
    clock: memory.clock,
    journal: mortalJournal(stage),
    waits: memoryWaits(memory),
    verdicts: createVerdicts(sagas),
    compensations: mortalCompensations(stage, sagas),
    sagas,
    // Only the job at a flow's root asks for flows, and spans are begun around processors: neither is rehearsed.
    flows: {} as Flows,
    tracing: {} as Tracing,
    watch: {
      follow: (_ref, onMovedOn) => {
        stage.onMovedOn = onMovedOn;
        return () => {
          stage.onMovedOn = undefined;
        };
      },
    },
    log,
    meter: { note: () => undefined },
    outputLimitBytes,
    stopping: running,
    // A dead process gives no slot back.
    transactions: { use: (work) => work() },
    onEventsWritten: () => undefined,
  };
  return { stage, definition, context };
}

/** A journal whose process may die once the record is committed. */
function mortalJournal(stage: Stage): Journal {
  const journal = memoryJournal(stage.memory);
  return {
    ...journal,
    record: async (entry) => {
      const result = await journal.record(entry);
      return stage.diesRecorded ? stage.die() : result;
    },
  };
}

function mortalCompensations(stage: Stage, sagas: SagaStore): Compensations {
  const { memory } = stage;
  const compensations = createCompensations(NO_ROWS, sagas);
  const noteUndone = (step: string, isUndone: boolean) => {
    if (isUndone) memory.saga = { ...memory.saga, undone: [...memory.saga.undone, step] };
    return isUndone;
  };
  return {
    ...compensations,
    enterIn: () => Promise.resolve(),
    record: async (ref) => {
      const isUndone = noteUndone(ref.step, await compensations.record(ref));
      return stage.diesRecorded ? stage.die() : isUndone;
    },
    recordIn: async (tx, ref) => {
      beginWriting(memory);
      return noteUndone(ref.step, await compensations.recordIn(tx, ref));
    },
    giveUp: async (ref, kind, failure) => {
      const taskId = await compensations.giveUp(ref, kind, failure);
      if (taskId !== undefined && failure.found !== undefined)
        memory.saga = afterFound(memory.saga, ref.step, failure.found);
      return taskId;
    },
  };
}

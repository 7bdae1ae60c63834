import type { Log } from '../core/log.ts';
import type { Clock } from '../clock.ts';
import type { SagaDefinition, SqlClient, StepDefinition } from '../core/definition.ts';
import type { Registry } from '../core/registry.ts';
import type { Meter } from '../metrics/meter.ts';
import type { Flows } from '../queues/flows.ts';
import type { Tracing } from '../queues/tracing.ts';
import type { Compensations } from '../store/sagas/compensations.ts';
import type { StepRef } from '../store/entries.ts';
import type { OwnTables } from '../store/in-schema.ts';
import type { Journal } from '../store/journal/journal.ts';
import type { SagaStore } from '../store/sagas/sagas.ts';
import type { Verdicts } from '../store/sagas/verdicts.ts';
import type { Waits } from '../store/sagas/waits.ts';
import type { Slots } from './slots.ts';

/** Tells a running step that its saga has moved on without it. */
export interface Watch {
  /** Calls `onMovedOn` when the saga does not wait for the step any more. Call what it answers when the run is over. */
  follow(ref: StepRef, onMovedOn: () => void): () => void;
}

/** What the processors act with. */
export interface ProcessorContext {
  readonly registry: Registry;
  readonly sql: SqlClient;
  /** The application's client, as it was given: transactions of its steps are its own. */
  readonly prisma: SqlClient;
  /** For Backstep's own statements in a transaction of the application's. */
  readonly ownIn: OwnTables['in'];
  readonly clock: Clock;
  readonly journal: Journal;
  readonly waits: Waits;
  readonly verdicts: Verdicts;
  readonly compensations: Compensations;
  readonly sagas: SagaStore;
  readonly flows: Flows;
  readonly tracing: Tracing;
  readonly watch: Watch;
  readonly log: Log;
  readonly meter: Meter;
  readonly outputLimitBytes: number;
  /** Aborts when the process stops and its grace period is over. */
  readonly stopping: AbortSignal;
  /** For transactions of steps and compensations: each holds a connection for as long as the application's code takes. */
  readonly transactions: Slots;
  /** Told when a transaction that may have written events has committed. */
  readonly onEventsWritten: () => void;
}

/** This process does not have the code of a saga's step: another may, or will after a deployment. */
export class UnknownCodeError extends Error {
  override readonly name = 'UnknownCodeError';
}

export function findDefinition(registry: Registry, type: string): SagaDefinition {
  const definition = registry.get(type);
  if (!definition) throw new UnknownCodeError(`This process has no saga ${type}`);
  return definition;
}

export function findStep(definition: SagaDefinition, name: string): StepDefinition {
  const step = definition.steps.find((candidate) => candidate.name === name);
  if (!step) throw new UnknownCodeError(`Saga ${definition.type} has no step ${name} in this process`);
  return step;
}

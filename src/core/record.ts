import type { SagaDefinition, Undo } from './definition.ts';
import { undoOf } from './definition.ts';
import type { Ending, SagaStatus, StepStatus } from './status.ts';

/** What is written of one step, as far as decisions need it. */
export interface StepRecord {
  readonly name: string;
  readonly status: StepStatus;
  readonly undo: Undo;
  /** Whether its output was ever recorded: a retried compensation returns to DONE or to UNKNOWN by it. */
  readonly wasDone: boolean;
}

/** What is written of one saga, as far as decisions need it. Steps stand in the order they run. */
export interface SagaRecord {
  readonly sagaId: string;
  readonly type: string;
  readonly status: SagaStatus;
  readonly ending: Ending | null;
  readonly generation: number;
  readonly onCompensationFailure: 'stop' | 'continue';
  readonly steps: readonly StepRecord[];
}

/** How each step of a definition is undone, by name. */
export function undoByName(definition: SagaDefinition): ReadonlyMap<string, Undo> {
  return new Map(definition.steps.map((step) => [step.name, undoOf(step)]));
}

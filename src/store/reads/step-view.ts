import type { SagaDefinition } from '../../core/definition.ts';
import { undoOf } from '../../core/definition.ts';
import { shown } from '../../core/redact.ts';
import type { SagaStatus } from '../../core/status.ts';
import type { StepRow } from '../sagas/loaded-saga.ts';
import { isoTime } from './summary.ts';
import type { StepView } from '../views.ts';

/** A step as its row and its definition say; one without a row has not come to anything yet. */
export function stepView(
  name: string,
  row: StepRow | undefined,
  sagaStatus: SagaStatus,
  definition: SagaDefinition | undefined,
): StepView {
  const step = definition?.steps.find((candidate) => candidate.name === name);
  return {
    name,
    kind: step?.kind ?? null,
    undo: step ? undoOf(step) : null,
    instructions: step && 'instructions' in step.compensate ? step.compensate.instructions : null,
    maxAttempts: step?.attempts ?? null,
    status: row?.status ?? (sagaStatus === 'RUNNING' ? 'PENDING' : 'SKIPPED'),
    output: shown(definition, row?.output ?? null),
    attempts: row?.attempts ?? 0,
    error: row?.error_message ?? null,
    startedAt: isoTime(row?.started_at ?? null),
    doneAt: isoTime(row?.done_at ?? null),
    compensationAttempts: row?.compensation_attempts ?? 0,
    compensationError: row?.compensation_error ?? null,
    compensatedAt: isoTime(row?.compensated_at ?? null),
  };
}

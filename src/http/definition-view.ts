import { z } from 'zod';
import type { Limits, SagaDefinition, StepDefinition, Undo } from '../core/definition.ts';
import { undoOf } from '../core/definition.ts';

/** A definition as far as people and programs need it. */
export interface DefinitionView {
  readonly type: string;
  readonly timeoutMs: number;
  readonly onCompensationFailure: 'stop' | 'continue';
  readonly steps: readonly StepDefinitionView[];
  /** JSON Schema (2020-12) of a request; `{}` where the schema cannot be said in it. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly redact: readonly string[];
}

export interface StepDefinitionView {
  readonly name: string;
  readonly kind: StepDefinition['kind'];
  readonly undo: Undo;
  /** What a person has to do who undoes it; null where the code does. */
  readonly instructions: string | null;
  readonly attempts: number;
  readonly timeoutMs: number;
  /** Its own, or those it shares with the other steps of its saga. */
  readonly limits?: Limits;
}

const views = new WeakMap<SagaDefinition, DefinitionView>();

export function definitionView(definition: SagaDefinition): DefinitionView {
  const known = views.get(definition);
  if (known) return known;
  const { type, timeoutMs, onCompensationFailure, redact } = definition;
  const steps = definition.steps.map((step) => stepView(step, step.limits ?? definition.limits));
  const view = { type, timeoutMs, onCompensationFailure, steps, input: inputSchema(definition.input), redact };
  views.set(definition, view);
  return view;
}

function stepView(step: StepDefinition, limits: Limits | undefined): StepDefinitionView {
  const { name, kind, attempts, timeoutMs, compensate } = step;
  const instructions = 'instructions' in compensate ? compensate.instructions : null;
  return { name, kind, undo: undoOf(step), instructions, attempts, timeoutMs, ...(limits ? { limits } : {}) };
}

/** A schema of another copy of zod, or a function behind a schema's looks, may not be one that can be told. */
function inputSchema(input: z.ZodType): Readonly<Record<string, unknown>> {
  try {
    return z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  } catch {
    return {};
  }
}

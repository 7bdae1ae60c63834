import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { SagaDefinition } from './definition.ts';
import { OutputError, RunnerError } from './errors.ts';
import { issuesOf } from './issues.ts';
import { canonicalText, outputText } from './json.ts';
import { newSagaId } from './keys.ts';
import type { Registry } from './registry.ts';

/** A request that was found good. */
export interface NewSaga {
  readonly sagaId: string;
  readonly type: string;
  readonly steps: readonly string[];
  /** JSON text. */
  readonly input: string;
  readonly timeoutMs: number;
  /** Attempts of the first step. */
  readonly maxAttempts: number;
  readonly idempotencyKey: string | null;
  /** SHA-256 of the request, to tell it from another with the same idempotency key. */
  readonly requestHash: string | null;
  readonly subject: string | null;
  /** Of the span in which it is started; null where nothing is traced. */
  readonly traceParent: string | null;
  /** Who starts it, for the audit; null where nobody is named. */
  readonly actor: string | null;
}

const KEY_LIMIT = 200;

/** Checks a request against its definition. Throws a `RunnerError`: UNKNOWN_SAGA_TYPE or INVALID_INPUT. */
export function newSaga(
  registry: Registry,
  type: string,
  request: unknown,
  options: {
    readonly idempotencyKey?: string | undefined;
    readonly actor?: string | undefined;
    readonly inputLimitBytes: number;
  },
): { readonly definition: SagaDefinition; readonly saga: NewSaga } {
  const definition = registry.get(type);
  if (!definition)
    throw new RunnerError(
      'UNKNOWN_SAGA_TYPE',
      `There is no saga type ${type}; known are ${[...registry.keys()].join(', ')}`,
    );
  const input = parse(definition.input, request, 'INVALID_INPUT', `Input of ${type} is invalid`);
  const idempotencyKey = options.idempotencyKey ?? null;
  const saga = {
    sagaId: newSagaId(type),
    type,
    steps: definition.steps.map((step) => step.name),
    input: inputText(type, input, options.inputLimitBytes),
    timeoutMs: definition.timeoutMs,
    maxAttempts: definition.steps[0]?.attempts ?? 1,
    idempotencyKey: limited('Idempotency key', idempotencyKey),
    requestHash: idempotencyKey === null ? null : createHash('sha256').update(canonicalText(request)).digest('hex'),
    subject: limited('Subject', definition.subject?.(input as never) ?? null),
    traceParent: null,
    actor: options.actor ?? null,
  };
  return { definition, saga };
}

/** Checks an answer against the waiting step it is for. Throws a `RunnerError`: UNKNOWN_SIGNAL or INVALID_SIGNAL. */
export function checkSignal(registry: Registry, type: string, name: string, payload: unknown): void {
  const step = registry.get(type)?.steps.find((candidate) => candidate.name === name);
  if (step?.kind !== 'wait')
    throw new RunnerError('UNKNOWN_SIGNAL', `Saga ${type} has no step ${name} that waits for a signal`);
  parse(step.signal, payload, 'INVALID_SIGNAL', `Signal ${name} is invalid`);
}

function parse(schema: z.ZodType, value: unknown, code: 'INVALID_INPUT' | 'INVALID_SIGNAL', message: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = issuesOf(result.error);
  const first = issues[0];
  throw new RunnerError(code, first ? `${message}: ${first.pointer || '/'}: ${first.message}` : message, { issues });
}

function inputText(type: string, input: unknown, limitBytes: number): string {
  try {
    return outputText(input, limitBytes);
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    const message = error.message.replace(/^Output/, `Input of ${type}`);
    throw new RunnerError('INVALID_INPUT', message, { issues: [{ pointer: '', message }], cause: error });
  }
}

function limited(what: string, value: string | null): string | null {
  if (value !== null && (value.length === 0 || value.length > KEY_LIMIT || value.includes('\u0000')))
    throw new RunnerError('INVALID_INPUT', `${what} must have 1 to ${KEY_LIMIT} characters, got ${value.length}`);
  return value;
}

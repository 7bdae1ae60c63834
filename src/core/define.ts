import type { z } from 'zod';
import type {
  Limits,
  Output,
  Rescue,
  RetryOptions,
  SagaDefinition,
  SqlClient,
  SqlRunner,
  StepDefinition,
  StepOptions,
  TransactionOf,
  TransactionOptions,
  WaitOptions,
} from './definition.ts';

export interface SagaOptions<I, Db> {
  /** What a request looks like. */
  readonly input: z.ZodType<I>;
  /** How long the saga may take in milliseconds; past it, it is undone and ends as TIMEOUT. Default 300_000. */
  readonly timeoutMs?: number;
  /** Whether the other compensations are tried when one fails for good. Default `stop`. */
  readonly onCompensationFailure?: 'stop' | 'continue';
  /**
   * The saga to start when a compensation fails for good, once a step. While it has not ended, it has the task: nobody else
   * retries the compensation. When it has completed, the step counts as undone; when it was undone itself, a person decides.
   * Default: a person decides at once.
   */
  readonly rescue?: Rescue<I>;
  /** Limits that all steps without their own share. Default: none. */
  readonly limits?: Limits;
  /** What the saga works on, such as a payment's id: at most one unfinished saga of the type may have it. */
  readonly subject?: (input: I) => string;
  /**
   * What is personal in input, outputs and state, which are shown with `[redacted]` there: at most 100 paths such as
   * `card.number`, `customer.*` or `items.*.iban`; `*` is any key or index, also in between. Steps get the clear values.
   * Default: everything is shown.
   */
  readonly redact?: readonly string[];
  /** The application's own Prisma client, of the same database as the runner's: `tx` is then typed by it. */
  readonly db?: Db;
}

/** A name no earlier step has. */
type Fresh<N extends string, Taken extends string> = N extends Taken ? never : N;
type Merged<S, O> = O extends object ? Omit<S, keyof O> & O : S;

/** Adds steps; each call answers a new definition, so a prefix may be shared. */
export interface SagaBuilder<I, S, Tx, Taken extends string> extends SagaDefinition {
  step<N extends string, O extends Output>(
    name: Fresh<N, Taken>,
    options: StepOptions<I, S, O>,
  ): SagaBuilder<I, Merged<S, O>, Tx, Taken | N>;
  transaction<N extends string, O extends Output>(
    name: Fresh<N, Taken>,
    options: TransactionOptions<I, S, O, Tx>,
  ): SagaBuilder<I, Merged<S, O>, Tx, Taken | N>;
  wait<N extends string, A, O extends Output = A & object>(
    name: Fresh<N, Taken>,
    options: WaitOptions<I, S, A, O, Tx>,
  ): SagaBuilder<I, Merged<S, O>, Tx, Taken | N>;
}

const MINUTE_MS = 60_000;

function retryDefaults(options: RetryOptions, timeoutMs: number) {
  return {
    attempts: options.attempts ?? 3,
    backoffMs: options.backoffMs ?? 1_000,
    timeoutMs: options.timeoutMs ?? timeoutMs,
  };
}

function builder(base: Omit<SagaDefinition, 'steps'>, steps: readonly StepDefinition[]): object {
  // The builder's interface carries the types; behind it every step is a StepDefinition of unknowns.
  const add = (step: object) => builder(base, [...steps, step as StepDefinition]);
  return Object.freeze({
    ...base,
    steps: Object.freeze(steps),
    step: (name: string, { onError = 'failed', ...options }: StepOptions<unknown, unknown, Output>) =>
      add({ ...options, ...retryDefaults(options, MINUTE_MS / 2), kind: 'step', name, onError }),
    transaction: (name: string, options: TransactionOptions<unknown, unknown, Output, SqlRunner>) =>
      add({ ...options, ...retryDefaults(options, MINUTE_MS / 2), kind: 'transaction', name }),
    wait: (
      name: string,
      { onTimeout = 'unknown', ...options }: WaitOptions<unknown, unknown, unknown, Output, SqlRunner>,
    ) => add({ ...options, ...retryDefaults(options, MINUTE_MS), kind: 'wait', name, onTimeout }),
  });
}

/**
 * Begins a saga definition. `type` is `UPPER_SNAKE`, at most 50 characters.
 *
 * A definition is checked when it is registered: `createRunner` throws a `DefinitionError` that names the saga and the
 * step for what the types cannot see.
 */
export function defineSaga<I, Db = SqlClient>(
  type: string,
  options: SagaOptions<I, Db>,
): SagaBuilder<I, I, TransactionOf<Db>, never> {
  const base = {
    type,
    input: options.input,
    timeoutMs: options.timeoutMs ?? 5 * MINUTE_MS,
    onCompensationFailure: options.onCompensationFailure ?? 'stop',
    rescue: options.rescue,
    limits: options.limits,
    subject: options.subject as SagaDefinition['subject'],
    db: options.db as SqlClient | undefined,
    redact: options.redact ?? [],
  };
  return builder(base, []) as SagaBuilder<I, I, TransactionOf<Db>, never>;
}

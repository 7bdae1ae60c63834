/**
 * Terminology
 *
 * definition  the code of a saga, registered by its type; a saga is one run of it
 * step        one named unit of work; `execute` does it, `compensate` undoes its meaning
 * attempt     one try of one step, from 1
 * input       the validated request; output: one step's result; state: input and outputs merged
 * key         the idempotency key: the same at every attempt, given to providers
 */
import type { Log } from './log.ts';
import type { z } from 'zod';

/** The part of a Prisma client that Backstep itself uses: any application's client has it. */
export interface SqlRunner {
  $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Promise<T>;
  $executeRawUnsafe(query: string, ...values: unknown[]): Promise<number>;
}

/** A Prisma client as far as Backstep needs one: raw statements and interactive transactions. */
export interface SqlClient extends SqlRunner {
  $transaction<R>(work: (tx: SqlRunner) => Promise<R>, options?: { maxWait?: number; timeout?: number }): Promise<R>;
}

/** What `$transaction` of the client `Db` hands to its callback. */
export type TransactionOf<Db> = Omit<Db, '$connect' | '$disconnect' | '$on' | '$use' | '$extends' | '$transaction'>;

/** Nothing a step did needs undoing. */
export const NOTHING_TO_UNDO = Object.freeze({ kind: 'nothing' as const });
export type NothingToUndo = typeof NOTHING_TO_UNDO;

/** The step can only be undone by a person: an operator task opens with these instructions, and the saga waits. */
export interface ManualCompensation {
  readonly kind: 'manual';
  readonly instructions: string;
}

export function manual(instructions: string): ManualCompensation {
  return Object.freeze({ kind: 'manual', instructions });
}

/** The answer of `verify`. `unknown` means that nobody can say: it counts as if `verify` had thrown. */
export type Verification<O> =
  { readonly kind: 'done'; readonly output: O } | { readonly kind: 'not-done' } | { readonly kind: 'unknown' };

export interface StepContext<I, S> {
  readonly sagaId: string;
  readonly step: string;
  readonly input: I;
  /** Input and the outputs of the steps before. */
  readonly state: S;
  /** `<sagaId>:<STEP>:do`. Give it to every system the step changes. */
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  /** Aborts at the step's timeout, the saga's deadline and a shutdown. Its run is not waited for after that. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

export interface CompensationContext<I, S, O> extends Omit<StepContext<I, S>, 'key'> {
  /** What `execute` returned; undefined when the step may have acted without its answer being known. */
  readonly output: O;
  /** `<sagaId>:<STEP>:undo`. */
  readonly key: string;
  /** `<sagaId>:<STEP>:do`: what `execute` called itself, to find what it did. */
  readonly executeKey: string;
}

/** What is known of a compensation that failed for good. */
export interface FailedCompensation<I> {
  readonly sagaId: string;
  readonly type: string;
  readonly step: string;
  readonly input: I;
  readonly state: unknown;
  /** What `execute` returned; undefined when the step may have acted without its answer being known. */
  readonly output: unknown;
  /** `<sagaId>:<STEP>:do`. */
  readonly executeKey: string;
  /** `<sagaId>:<STEP>:undo`: what the compensation called itself. It may have acted without its answer being known. */
  readonly undoKey: string;
  /** Why its last attempt failed. */
  readonly error: string;
}

/** A saga that does in another way what a compensation could not. */
export interface Rescue<I> {
  /** Its type: of a saga of the same runner. */
  readonly type: string;
  /** Makes its input; undefined where it has no remedy for the step. Has no effects. */
  readonly input: (failed: FailedCompensation<I>) => unknown;
}

type Awaitable<T> = T | Promise<T>;

/** What a step returns: an object of JSON values that is merged into the state, or nothing. */
export type Output = object | void;

export interface RetryOptions {
  /** Tries in all, at least 1. Default 3. */
  readonly attempts?: number;
  /** Wait before the second attempt in milliseconds; it doubles each time. Default 1_000. */
  readonly backoffMs?: number;
  /** How long one attempt may take in milliseconds. Default 30_000. */
  readonly timeoutMs?: number;
}

/**
 * How much of a system may be used at once, counted over all worker processes. What is over it waits: nothing fails, and no
 * attempt is used. Compensations have the same limits, counted apart from the steps.
 */
export interface Limits {
  /** Runs at the same time, at least 1. A waiting step that sleeps is none. Default: as many as the workers have slots. */
  readonly concurrency?: number;
  /** Runs begun in any one second, at least 1, spread over the second. Each attempt is one, and so is each time a waiting
   *  step wakes. Default: no limit. */
  readonly perSecond?: number;
}

export interface StepSettings extends RetryOptions {
  /** The step's own limits, in place of the saga's. Default: the saga's. */
  readonly limits?: Limits;
}

/** A step in a system outside the database: at least once, with the same key. */
export interface StepOptions<I, S, O extends Output> extends StepSettings {
  readonly execute: (context: StepContext<I, S>) => Awaitable<O>;
  readonly compensate:
    ((context: CompensationContext<I, S, O | undefined>) => Awaitable<void>) | NothingToUndo | ManualCompensation;
  /**
   * Asked when the attempts are used up, and before a person is asked to undo a step in doubt: did the effect happen? An
   * error, or `unknown`, leaves the step UNKNOWN. `not-done` must be final: a request with the key that is still under
   * way has to be refused from then on, so let `verify` void an unused key where the system can.
   */
  // What `execute` returns is the output: of `not-done` the compiler would infer that there may be none.
  readonly verify?: (context: StepContext<I, S>) => Awaitable<Verification<NoInfer<O>>>;
  /** Whether an error of the last attempt proves that nothing happened. Default `failed`: it does. */
  readonly onError?: 'failed' | 'unknown';
}

/** A step in the saga's own database: its writes and its record are one transaction, so it happens exactly once. */
export interface TransactionOptions<I, S, O extends Output, Tx> extends StepSettings {
  readonly execute: (context: StepContext<I, S> & { readonly tx: Tx }) => Awaitable<O>;
  readonly compensate:
    | ((context: CompensationContext<I, S, O> & { readonly tx: Tx }) => Awaitable<void>)
    | NothingToUndo
    | ManualCompensation;
}

/** A step that asks and holds no worker until the answer comes as a signal of the step's name. */
export interface WaitOptions<I, S, A, O extends Output, Tx> extends Omit<StepSettings, 'timeoutMs'> {
  /** Sends the request. Runs in a transaction with the record that it was sent. */
  readonly request: (context: StepContext<I, S> & { readonly tx: Tx }) => Awaitable<void>;
  /** What an answer looks like. */
  readonly signal: z.ZodType<A>;
  /** Makes the output of the answer, in the transaction that records it. Default: the answer is the output.
   *  A `TerminalError` refuses it: the step has failed, and the saga turns back. */
  readonly accept?: (context: StepContext<I, S> & { readonly tx: Tx; readonly answer: A }) => Awaitable<O>;
  /** How long to wait for the answer in milliseconds. Default 60_000. */
  readonly timeoutMs?: number;
  /** What no answer in time means. Default `unknown`: the request may yet be served, so it is compensated. */
  readonly onTimeout?: 'failed' | 'unknown';
  readonly compensate:
    | ((context: CompensationContext<I, S, O | undefined> & { readonly tx: Tx }) => Awaitable<void>)
    | NothingToUndo
    | ManualCompensation;
}

/** A step as the processors see it: the types of its own saga are behind it. */
export type StepDefinition = {
  readonly name: string;
  readonly attempts: number;
  readonly backoffMs: number;
  readonly timeoutMs: number;
  readonly limits?: Limits;
} & (
  | ({ readonly kind: 'step'; readonly onError: 'failed' | 'unknown' } & Pick<
      StepOptions<unknown, unknown, object>,
      'execute' | 'compensate' | 'verify'
    >)
  | ({ readonly kind: 'transaction' } & Pick<
      TransactionOptions<unknown, unknown, object | undefined, SqlRunner>,
      'execute' | 'compensate'
    >)
  | ({ readonly kind: 'wait'; readonly onTimeout: 'failed' | 'unknown' } & Pick<
      WaitOptions<unknown, unknown, unknown, object, SqlRunner>,
      'request' | 'signal' | 'accept' | 'compensate'
    >)
);

/** How a step is undone. */
export type Undo = 'auto' | 'manual' | 'nothing';

export function undoOf(step: Pick<StepDefinition, 'compensate'>): Undo {
  return typeof step.compensate === 'function' ? 'auto' : step.compensate.kind;
}

export interface SagaDefinition {
  readonly type: string;
  readonly input: z.ZodType;
  readonly timeoutMs: number;
  readonly onCompensationFailure: 'stop' | 'continue';
  readonly rescue: Rescue<never> | undefined;
  readonly limits: Limits | undefined;
  readonly subject: ((input: never) => string) | undefined;
  readonly db: SqlClient | undefined;
  /** Paths of what is not shown: see `redact`. */
  readonly redact: readonly string[];
  readonly steps: readonly StepDefinition[];
}

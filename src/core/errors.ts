/**
 * Marks what an application throws to us. A saga module may come with a copy of this library of its own (a CommonJS
 * project does), whose classes are not ours: the mark is the same in all copies.
 */
const TERMINAL = Symbol.for('backstep.TerminalError');

export function isMarked(error: unknown, mark: symbol): error is Error {
  return typeof error === 'object' && error !== null && mark in error;
}

export function isTerminalError(error: unknown): error is TerminalError {
  return isMarked(error, TERMINAL);
}

/** Thrown by `execute`: the effect certainly did not happen, and trying again would not help. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly [TERMINAL] = true;
  /** A word for programs, such as `PRICE_MISMATCH`. */
  readonly code: string | undefined;

  constructor(message: string, options: { readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
  }
}

/** A step gave no answer within its time: it may have acted, or may act yet. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** Every run of a step ended without an answer, as when it takes its process with it. Another run would too. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
}

/** Nobody answered a waiting step in time. The request may yet be served. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
}

/** A step acted, but what it returned cannot be recorded: trying again would not help, and the effect is there. `cause` is
 *  set where the database refused it. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** A definition that cannot run. Names the saga and the step. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

/** One complaint about a request: a JSON pointer (RFC 6901) and what is wrong there. */
export interface InputIssue {
  readonly pointer: string;
  readonly message: string;
}

export type RunnerErrorCode =
  | 'UNKNOWN_SAGA_TYPE'
  | 'UNKNOWN_SAGA'
  | 'UNKNOWN_TASK'
  | 'UNKNOWN_SIGNAL'
  | 'UNKNOWN_STEP'
  | 'UNKNOWN_GROUP'
  | 'INVALID_INPUT'
  | 'INVALID_SIGNAL'
  | 'INVALID_CURSOR'
  | 'SEARCH_TOO_BROAD'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'SUBJECT_BUSY'
  | 'SIGNAL_ALREADY_RECEIVED'
  | 'WRONG_STATE'
  | 'RESOLUTION_NOT_ALLOWED'
  | 'DATABASE_UNAVAILABLE'
  | 'QUEUES_UNAVAILABLE';

export interface RunnerErrorOptions {
  readonly issues?: readonly InputIssue[];
  readonly allowed?: readonly string[];
  readonly cause?: unknown;
}

/** What the runner refuses, and why. `src/http` makes a problem document of it. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
  readonly code: RunnerErrorCode;
  readonly issues: readonly InputIssue[];
  /** What would have been taken instead, where that is a short list. */
  readonly allowed: readonly string[] | undefined;

  constructor(code: RunnerErrorCode, message: string, options: RunnerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.allowed = options.allowed;
  }
}

export function databaseUnavailable(cause: unknown): RunnerError {
  return new RunnerError('DATABASE_UNAVAILABLE', 'PostgreSQL is out of reach', { cause });
}

export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return typeof error === 'string' ? error : `threw ${typeof error}`;
}

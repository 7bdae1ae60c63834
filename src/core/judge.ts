import { NoAnswerError, OutputError, PoisonError, WaitTimeoutError, isTerminalError } from './errors.ts';
import type { StepDefinition } from './definition.ts';

/** What is known of the attempts of a step when one of them has failed. */
export interface AttemptHistory {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** Whether an attempt of the step, this one or an earlier one, ended without an answer (a crash, a timeout); of a
   *  waiting step, whether its request was sent. */
  readonly unanswered: boolean;
}

export type Judgement =
  /** `cleared`: the failed attempt certainly did not act. If not, whoever turns the saga back meanwhile has to undo it. */
  | { readonly kind: 'retry'; readonly delayMs: number; readonly cleared: boolean }
  /** The attempts are used up, and the provider can be asked. `otherwise` holds when it gives no answer. */
  | { readonly kind: 'verify' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'unknown' };

/** What one failed attempt means for its step. */
export function judge(step: StepDefinition, error: unknown, history: AttemptHistory): Judgement {
  if (!isFinal(error) && history.attempt < step.attempts)
    return { kind: 'retry', delayMs: backoffMs(step.backoffMs, history.attempt), cleared: isCleared(step, error) };
  if (step.kind === 'transaction') return { kind: 'failed' };
  // It speaks for its own attempt, not for an earlier one that may have acted.
  if (isTerminalError(error) && !(step.kind === 'step' && history.unanswered)) return { kind: 'failed' };
  if (step.kind === 'wait') return { kind: error instanceof WaitTimeoutError ? step.onTimeout : waitVerdict(history) };
  if (step.verify) return { kind: 'verify' };
  if (isNoAnswer(error) || history.unanswered) return { kind: 'unknown' };
  return { kind: step.onError };
}

/** Runs without an answer in a row. A crash of the process adds one, a stop that outlasts the grace period too. */
const POISON_LIMIT = 10;

/** Throws a `PoisonError` for what was begun again and again and never answered: it is not begun once more. */
export function requireAnswers(what: string, lost: number): void {
  if (lost >= POISON_LIMIT) throw new PoisonError(`${what} was run ${lost} times and never answered`);
}

/** Another attempt would come to the same. */
export function isFinal(error: unknown): boolean {
  if (isTerminalError(error)) return true;
  return error instanceof OutputError || error instanceof PoisonError || error instanceof WaitTimeoutError;
}

/** It does not prove that the step did nothing. */
function isNoAnswer(error: unknown): boolean {
  return error instanceof OutputError || error instanceof PoisonError || error instanceof NoAnswerError;
}

/** A transaction was rolled back, and a waiting step's request is known by its wait. */
function isCleared(step: StepDefinition, error: unknown): boolean {
  if (step.kind !== 'step') return true;
  return step.onError === 'failed' && step.verify === undefined && !isNoAnswer(error);
}

/** A request that was rolled back asked for nothing; one that was sent may have been served. */
function waitVerdict(history: AttemptHistory): 'failed' | 'unknown' {
  return history.unanswered ? 'unknown' : 'failed';
}

/** Exponential: `baseMs` after the first attempt, then twice as long each time. */
export function backoffMs(baseMs: number, attempt: number): number {
  return baseMs * 2 ** (attempt - 1);
}

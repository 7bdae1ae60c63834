import { NoAnswerError, OutputError, TerminalError } from './errors.ts';
import type { StepDefinition } from './definition.ts';

/** What is known of the attempts of a step when one of them has failed. */
export interface AttemptHistory {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** Whether an attempt of the step, this one or an earlier one, ended without an answer (a crash, a timeout). */
  readonly unanswered: boolean;
}

export type Judgement =
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** The attempts are used up, and the provider can be asked. `otherwise` holds when it gives no answer. */
  | { readonly kind: 'verify' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'unknown' };

/** What one failed attempt means for its step. */
export function judge(step: StepDefinition, error: unknown, history: AttemptHistory): Judgement {
  const final = error instanceof TerminalError || error instanceof OutputError || history.attempt >= step.attempts;
  if (!final) return { kind: 'retry', delayMs: backoffMs(step.backoffMs, history.attempt) };
  if (step.kind === 'transaction') return { kind: 'failed' };
  if (error instanceof TerminalError) return { kind: 'failed' };
  if (step.kind === 'wait') return { kind: history.unanswered ? 'unknown' : 'failed' };
  if (step.verify) return { kind: 'verify' };
  if (error instanceof OutputError || error instanceof NoAnswerError || history.unanswered) return { kind: 'unknown' };
  return { kind: step.onError };
}

/** Exponential: `baseMs` after the first attempt, then twice as long each time. */
export function backoffMs(baseMs: number, attempt: number): number {
  return baseMs * 2 ** (attempt - 1);
}

import { EXIT, type ExitCode } from './exit-codes.ts';

/** What `--json` writes to stderr: the API's problem document, or one like it where the API did not answer. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status?: number;
  readonly detail: string;
  readonly code: string;
}

export interface CliErrorOptions {
  /** Lines below the message. */
  readonly details?: readonly string[];
  readonly problem?: Problem;
  readonly cause?: unknown;
}

/** Why a verb fails, as one line for the person who gave it, and as an exit code for scripts. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly details: readonly string[];
  readonly problem: Problem;

  constructor(exitCode: ExitCode, message: string, { details = [], problem, cause }: CliErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
    this.details = details;
    this.problem = problem ?? ownProblem(exitCode, message);
  }
}

/** Something on the command line is not understood. */
export function usageError(message: string, cause?: unknown): CliError {
  return new CliError(EXIT.usage, message, { cause });
}

function ownProblem(exitCode: ExitCode, detail: string): Problem {
  const [title, code] =
    exitCode === EXIT.usage ? (['Usage', 'USAGE'] as const) : (['Out of reach', 'API_UNREACHABLE'] as const);
  return { type: 'about:blank', title, detail, code };
}

import { CliError, type Problem } from '../cli-error.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';

export interface Refused {
  readonly response: Response;
  readonly text: string;
  readonly url: string;
  readonly hasKey: boolean;
}

/** An answer that is no success as what to say and how to exit. */
export function refusal({ response, text, url, hasKey }: Refused): CliError {
  const { status, headers } = response;
  if (status < 400) return elsewhere(url, status, headers.get('location'));
  const problem = problemOf(text);
  const exitCode = exitCodeOf(status);
  if (problem === undefined) return new CliError(exitCode, `The API at ${url} answers ${status} without saying why`);
  const { detail, code } = problem;
  const message = `${detail.replace(/[.;]$/, '')} (${status} ${code})${hint(status, hasKey, headers.get('retry-after'))}`;
  return new CliError(exitCode, message, { problem, details: detailsOf(problem) });
}

function elsewhere(url: string, status: number, location: string | null): CliError {
  const to = location === null ? '' : ` to ${location}`;
  return new CliError(EXIT.unavailable, `${url} is not the API: it answers ${status} and leads${to} elsewhere`);
}

function hint(status: number, hasKey: boolean, retryAfter: string | null): string {
  if (status === 401)
    return hasKey ? '; the key of BACKSTEP_KEY or --key-file is not one' : '; set BACKSTEP_KEY or --key-file';
  return retryAfter === null ? '' : `; try again in ${retryAfter} s`;
}

/** Undefined for what is none: a proxy in between answers in its own way. */
function problemOf(text: string): Problem | undefined {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Problem, unknown>> | null;
    return typeof value?.detail === 'string' && typeof value.code === 'string' ? (value as Problem) : undefined;
  } catch {
    return undefined;
  }
}

interface Extensions {
  readonly errors?: unknown;
  readonly allowed?: unknown;
}

function detailsOf(problem: Problem & Extensions): readonly string[] {
  const errors = Array.isArray(problem.errors) ? problem.errors.map(issueLine) : [];
  const allowed = Array.isArray(problem.allowed) ? [`allowed: ${problem.allowed.join(', ') || 'none'}`] : [];
  return [...errors, ...allowed];
}

function issueLine(issue: unknown): string {
  const { in: place, pointer, message } = (issue ?? {}) as Readonly<Record<string, unknown>>;
  return `${[place, pointer].filter((part) => part !== undefined && part !== '').join(' ')}: ${String(message)}`;
}

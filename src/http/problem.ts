import { STATUS_CODES } from 'node:http';
import { databaseUnavailable, RunnerError } from '../core/errors.ts';
import { isInfrastructureFault } from '../store/fault.ts';
import { REFUSALS, type RefusalCode, refused } from './refusals.ts';
import { type HttpError, isHttpError, type RequestIssue } from './route.ts';

/** An error as a client sees it: RFC 9457, with `code` for programs. */
export interface ProblemDocument {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** What is wrong with the request, field by field. */
  readonly errors?: readonly RequestIssue[];
  /** What would have been taken instead, where that is a short list. */
  readonly allowed?: readonly string[];
}

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemDocument;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** When to ask again while a server is away, in seconds. */
const RETRY_AFTER_SECONDS = '5';

const UNFORESEEN: RefusalCode = 'INTERNAL_ERROR';

/** How many complaints one answer lists: a large body may be wrong in every element. */
export const ISSUE_LIMIT = 100;

/** The one place where errors become answers. What nobody foresaw is a 500 that tells nothing. */
export function toProblem(error: unknown): Problem {
  if (isHttpError(error)) return problem(error.status, error.code, error.message, error.issues, error.headers);
  if (error instanceof RunnerError) return runnerProblem(error);
  // A module's own routes ask the database too.
  if (isInfrastructureFault(error)) return runnerProblem(databaseUnavailable(error));
  return problem(500, UNFORESEEN, 'Something unforeseen happened; the log has it under the x-request-id');
}

function runnerProblem(error: RunnerError): Problem {
  const status = REFUSALS[error.code].status;
  const place = error.code === 'INVALID_CURSOR' ? 'query' : 'body';
  const issues = error.issues.map((issue) => ({ in: place, ...issue }) as const);
  const headers = status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {};
  const refusal = problem(status, error.code, error.message, issues, headers);
  return error.allowed ? { ...refusal, body: { ...refusal.body, allowed: error.allowed } } : refusal;
}

function problem(
  status: number,
  code: string,
  detail: string,
  issues: readonly RequestIssue[] = [],
  headers: Readonly<Record<string, string>> = {},
): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  const errors = issues.length === 0 ? {} : { errors: issues.slice(0, ISSUE_LIMIT) };
  return { status, headers, body: { type: 'about:blank', title, status, detail, code, ...errors } };
}

/** A request that its route's schemas refuse. */
export function invalidRequest(issues: readonly RequestIssue[]): HttpError {
  const first = issues[0];
  const where = first === undefined ? '' : `: ${first.in} ${first.pointer}`.trimEnd();
  const more = issues.length > 1 ? ` and ${issues.length - 1} more` : '';
  return refused('INVALID_REQUEST', `The request is not valid${where}${more}`, { issues });
}

/** What `express.json()` refuses, by the `type` it gives its errors. */
const BODY_ERRORS: Readonly<Record<string, RefusalCode>> = {
  'entity.parse.failed': 'MALFORMED_JSON',
  'entity.too.large': 'BODY_TOO_LARGE',
  'charset.unsupported': 'UNSUPPORTED_MEDIA_TYPE',
  'encoding.unsupported': 'UNSUPPORTED_MEDIA_TYPE',
};

/** An error of reading a body as the client's mistake that it is; an error that is none comes back as it was. */
export function bodyProblem(error: unknown): unknown {
  if (!(error instanceof Error) || isHttpError(error)) return error;
  const { type, status } = error as Error & { type?: unknown; status?: unknown };
  const known = typeof type === 'string' ? BODY_ERRORS[type] : undefined;
  if (known !== undefined) return refused(known, sentence(error.message), { cause: error });
  const mistake = typeof status === 'number' && status >= 400 && status < 500;
  return mistake ? refused('UNREADABLE_BODY', sentence(error.message), { cause: error }) : error;
}

const sentence = (message: string) => message.charAt(0).toUpperCase() + message.slice(1);

import type { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import { isInfrastructureFault } from '../../store/fault.ts';
import { PROBLEM_TYPE, toProblem } from '../problem.ts';
import { noteError } from '../request-log.ts';
import { HttpError } from '../route.ts';

type ErrorHandler = Parameters<ExpressAdapter['setErrorHandler']>[0];

/** What Bull Board answers where it fails; `cause` is for the log, and never sent. */
interface Failure {
  /** Its own word, such as `ERRORS.QUEUE_NOT_FOUND`. Its pages translate it. */
  readonly error?: { readonly key?: string };
  readonly message?: string;
  readonly cause?: unknown;
}

/** The answer to what a handler of Bull Board threw. `handle` is Bull Board's own opinion. */
export function boardFailure(error: Error, handle: ErrorHandler): ReturnType<ErrorHandler> {
  const { status = 500, body } = handle(error);
  const { details: _stack, ...rest } = body as { details?: unknown };
  return { status: isOutdated(error) ? 409 : isMalformed(error) ? 400 : status, body: { ...rest, cause: error } };
}

/** BullMQ refuses what no longer fits a job's state with a negative code: the page that was pressed was older. */
function isOutdated(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' && code < 0;
}

/** Turns Bull Board's refusals into problem documents, which still have the members that its pages show. */
export const boardProblems: RequestHandler = (_request, response, next) => {
  const json = response.json.bind(response);
  response.json = (body: unknown) => {
    if (response.statusCode < 400) return json(body);
    const { cause, ...failure } = (typeof body === 'object' && body !== null ? body : {}) as Failure;
    const problem = toProblem(refusalOf(response.statusCode, failure, cause));
    if (problem.status >= 500) noteError(response, cause ?? 'Bull Board failed');
    response
      .status(problem.status)
      .set({ 'cache-control': 'no-store', ...problem.headers })
      .type(PROBLEM_TYPE);
    return json({ ...problem.body, error: failure.error, message: problem.body.detail });
  };
  next();
};

/** Bull Board decodes the names of queues in a query once more than they were encoded. */
const isMalformed = (error: Error) => error.name === 'URIError';

function refusalOf(status: number, { error, message }: Failure, cause: unknown): unknown {
  if (status >= 500 || isInfrastructureFault(cause)) return cause;
  const own = error?.key?.replace('ERRORS.', '') ?? 'REFUSED';
  const code = own !== 'INTERNAL_SERVER_ERROR' ? own : status === 409 ? 'WRONG_STATE' : 'INVALID_REQUEST';
  return new HttpError(status, code, message ?? own.toLowerCase().replaceAll('_', ' '), { cause });
}

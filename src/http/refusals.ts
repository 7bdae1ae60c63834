/** Every code with which the API refuses: docs/errors.md, the OpenAPI document and `/docs` are written from it. */
import type { RunnerErrorCode } from '../core/errors.ts';
import { HttpError, type HttpErrorOptions } from './route.ts';

export interface Refusal {
  readonly status: number;
  /** A sentence's middle: what happened. */
  readonly meaning: string;
  /** What whoever asked can do. */
  readonly todo: string;
}

const OF_THE_RUNNER = {
  UNKNOWN_SAGA_TYPE: {
    status: 404,
    meaning: 'No saga of this type is defined in this process',
    todo: 'Take a type of `GET /api/definitions`; look whether the deployment has the module',
  },
  UNKNOWN_SAGA: {
    status: 404,
    meaning: 'There is no saga with this id',
    todo: 'Look at the id; ended sagas are deleted after `RETENTION_DAYS`',
  },
  UNKNOWN_TASK: { status: 404, meaning: 'There is no task with this number', todo: 'List them: `GET /api/tasks`' },
  UNKNOWN_SIGNAL: {
    status: 404,
    meaning: 'No step of this name waits for an answer in sagas of this type',
    todo: 'Take the name of a step of kind `wait`: `GET /api/definitions`',
  },
  UNKNOWN_STEP: {
    status: 404,
    meaning: 'The saga has no step of this name',
    todo: 'Take a name of `steps`: `GET /api/sagas/{sagaId}`',
  },
  UNKNOWN_GROUP: {
    status: 404,
    meaning: 'No open task has this fingerprint, or there is no such retry',
    todo: 'List the groups anew: `GET /api/tasks/groups`; the tasks may have been dealt with',
  },
  INVALID_INPUT: {
    status: 422,
    meaning: "The saga's own schema refuses the input, or an output does not go with the resolution",
    todo: 'Mend what `errors` names; nothing was started or resolved',
  },
  INVALID_SIGNAL: {
    status: 422,
    meaning: "The waiting step's own schema refuses the payload",
    todo: 'Mend what `errors` names; the step still waits',
  },
  INVALID_CURSOR: {
    status: 422,
    meaning: 'The cursor is not one of this list with this filter',
    todo: 'Begin at the first page, and give back `nextCursor` unchanged',
  },
  SEARCH_TOO_BROAD: {
    status: 422,
    meaning: 'The search takes PostgreSQL longer than it is given',
    todo: 'Narrow it: by `type`, `status`, `from` and `to`',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    meaning: 'The idempotency key was used for a request with another input',
    todo: 'A new request takes a new key; a repeated one takes the same input',
  },
  SUBJECT_BUSY: {
    status: 409,
    meaning: 'An unfinished saga of this type works on the same subject; the detail names it',
    todo: 'Wait for that saga to end, or cancel it, and ask again',
  },
  SIGNAL_ALREADY_RECEIVED: {
    status: 409,
    meaning: 'The step has had another answer',
    todo: 'Nothing: the first answer counts. Repeat a signal with its own `Idempotency-Key`',
  },
  WRONG_STATE: {
    status: 409,
    meaning: 'The saga, task, group or job is no longer, or not yet, in a state that allows it',
    todo: 'Read it again: somebody was first, or it has moved on',
  },
  RESOLUTION_NOT_ALLOWED: {
    status: 409,
    meaning: 'The task cannot be resolved in this way now',
    todo: 'Choose one of `allowed`',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    meaning: 'PostgreSQL gives no answer',
    todo: 'Repeat after `Retry-After` seconds; a start with the same idempotency key',
  },
  QUEUES_UNAVAILABLE: {
    status: 503,
    meaning: 'Redis, or what keeps the jobs, gives no answer',
    todo: 'Repeat after `Retry-After` seconds; starts are accepted meanwhile',
  },
} as const satisfies Record<RunnerErrorCode, Refusal>;

const OF_HTTP = {
  MALFORMED_REQUEST: {
    status: 400,
    meaning: 'It is not HTTP as it has to be, or has no Host header',
    todo: 'Look at the client, or at a proxy in between',
  },
  MALFORMED_URL: {
    status: 400,
    meaning: 'The URL has a percent-encoding that does not decode to text',
    todo: 'Encode the parts of the path with `encodeURIComponent`',
  },
  MALFORMED_JSON: {
    status: 400,
    meaning: 'The body is not JSON',
    todo: 'Mend the body; the detail says where it breaks',
  },
  UNREADABLE_BODY: {
    status: 400,
    meaning: 'The body ends early, or is not what its headers say',
    todo: 'Look at Content-Length and Content-Encoding',
  },
  UNAUTHENTICATED: {
    status: 401,
    meaning: 'No key or session came with it, or none that counts',
    todo: 'Send `Authorization: Bearer KEY`, or log in',
  },
  INVALID_KEY: { status: 401, meaning: 'The login has no key of `API_KEYS`', todo: 'Look at the key' },
  FORBIDDEN: {
    status: 403,
    meaning: 'The key has too low a role; the detail names both',
    todo: 'Ask with a key of the role',
  },
  FOREIGN_HOST: {
    status: 403,
    meaning: 'No keys are configured, and it was asked under a name other than localhost',
    todo: 'Set `API_KEYS`, or ask 127.0.0.1 or localhost',
  },
  CROSS_SITE_REQUEST: {
    status: 403,
    meaning: 'A page of another site made a browser send a write',
    todo: 'Send it from a page of this host, or from a program',
  },
  UNKNOWN_ROUTE: { status: 404, meaning: 'There is no such method and path', todo: 'Look at `/docs`' },
  METRICS_OFF: { status: 404, meaning: 'This process keeps no metrics', todo: 'Ask one that does' },
  UNKNOWN_ACTION: { status: 404, meaning: 'The dashboard has no such write', todo: 'Use the console or the API' },
  UNKNOWN_QUEUE: { status: 404, meaning: 'The dashboard has no such queue', todo: 'Load its page again' },
  UNKNOWN_JOB: { status: 404, meaning: 'The job is not in its queue any more', todo: 'Load the page again' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    meaning: 'The path is there, but not for this method',
    todo: 'Take a method of the header `Allow`',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    meaning: 'The request did not come to its end in time',
    todo: 'Send it again, whole',
  },
  DONE_ELSEWHERE: {
    status: 409,
    meaning: 'The dashboard may not do this; the detail says where it is done',
    todo: 'Follow the detail',
  },
  BODY_TOO_LARGE: {
    status: 413,
    meaning: 'The body is more than 256 KiB, unpacked',
    todo: 'Store what is large elsewhere, and send its id',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    meaning: 'The body is not JSON in UTF-8, or is packed in a way that is not known',
    todo: 'Send `Content-Type: application/json`',
  },
  INVALID_REQUEST: {
    status: 422,
    meaning: 'The path, query, headers or body are not what the route takes',
    todo: 'Mend what `errors` names: the place and a JSON pointer in there',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    meaning: 'More requests of one key, or more failed logins or wrong keys from one address, than a minute has',
    todo: 'Repeat after `Retry-After` seconds',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    meaning: 'The request line and the headers are more than 16 KiB',
    todo: 'Shorten the URL, or drop cookies',
  },
  INTERNAL_ERROR: {
    status: 500,
    meaning: 'Something unforeseen happened',
    todo: 'Find the log line with the `x-request-id` of the answer; it has the error',
  },
  CONSOLE_NOT_BUILT: {
    status: 503,
    meaning: 'The files of the console are missing',
    todo: 'Run `npm run build:console`; the package and the image have them',
  },
  TOO_MANY_STREAMS: {
    status: 503,
    meaning: 'This process has as many event streams open as it takes',
    todo: 'Repeat after `Retry-After` seconds, or ask another process',
  },
} as const satisfies Record<string, Refusal>;

export const REFUSALS = { ...OF_THE_RUNNER, ...OF_HTTP };

export type RefusalCode = keyof typeof REFUSALS;

/** Of codes that are not in the table, as those of saga modules, undefined. */
export function refusalOf(code: string): Refusal | undefined {
  return Object.hasOwn(REFUSALS, code) ? REFUSALS[code as RefusalCode] : undefined;
}

/** An error to be thrown: the code has its status. */
export function refused(code: RefusalCode, detail: string, options: HttpErrorOptions = {}): HttpError {
  return new HttpError(REFUSALS[code].status, code, detail, options);
}

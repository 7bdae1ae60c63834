/** The one way to the API. */
import { ROOT_URL } from './root.ts';

export interface FieldError {
  readonly in: 'body' | 'query' | 'path' | 'header';
  /** RFC 6901. */
  readonly pointer: string;
  readonly message: string;
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly FieldError[];
  readonly allowed?: readonly string[];
}

/** The API refused. `code` is its word for programs. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldError[];
  readonly allowed: readonly string[];
  /** When to ask again, in seconds, where the API says so. */
  readonly retryAfterSeconds: number | null;

  constructor(response: Response, problem: Problem) {
    super(problem.detail ?? problem.title ?? `The API answered ${response.status}`);
    this.status = response.status;
    this.code = problem.code ?? 'UNKNOWN';
    this.errors = problem.errors ?? [];
    this.allowed = problem.allowed ?? [];
    const after = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    this.retryAfterSeconds = Number.isNaN(after) ? null : after;
  }
}

/** No answer came, or none of the API: whether a write happened is not known. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Answers the body. Throws `ApiError` or `Unreachable`. */
export async function call<T>(path: string, options: Call = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  if (response.ok || isFromGateway(response)) throw new Unreachable(`The API did not answer (${response.status})`);
  throw new ApiError(response, body ?? {});
}

/** A proxy says that nobody is behind it; the API's own 503 is a problem document. */
function isFromGateway({ status, headers }: Response): boolean {
  return status >= 502 && status <= 504 && !(headers.get('content-type') ?? '').includes('json');
}

async function send(path: string, { method = 'GET', query, body, idempotencyKey, signal }: Call): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  const payload = body === undefined ? null : JSON.stringify(body);
  try {
    return await fetch(urlOf(path, query), { method, headers, body: payload, signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable('The API is out of reach', { cause: error });
  }
}

/** Where a path of the API is, with a query. */
export function urlOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  return ROOT_URL + (search.size === 0 ? path : `${path}?${search.toString()}`);
}

import { CliError, usageError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { reasonOf } from '../../startup-error.ts';
import { refusal } from './refusal.ts';

export interface HttpOptions {
  /** The API, or a path below which it is: `https://ops.example/backstep`. */
  readonly url: string;
  readonly key: string | undefined;
  /** For a whole answer, in milliseconds. Default 30_000. */
  readonly timeoutMs?: number;
}

export interface Ask {
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Asks the API. Throws a `CliError` for everything that is no success. */
export interface HttpClient {
  get<T>(path: string, ask?: Ask): Promise<T>;
  post<T>(path: string, ask?: Ask): Promise<T>;
}

type Method = 'GET' | 'POST';

export function createHttpClient(options: HttpOptions): HttpClient {
  const send = async <T>(method: Method, path: string, ask: Ask): Promise<T> => {
    const { response, text } = await exchange(options, method, path, ask);
    if (response.ok) return parseAnswer(options, text) as T;
    throw refusal({ response, text, url: options.url, hasKey: options.key !== undefined });
  };
  return {
    get: (path, ask = {}) => send('GET', path, ask),
    post: (path, ask = {}) => send('POST', path, ask),
  };
}

/** A path whose parts are percent-encoded. Throws a usage error where a part would lead to another route. */
export function pathOf(fixed: TemplateStringsArray, ...parts: readonly string[]): string {
  return fixed.reduce((path, text, at) => `${path}${encodePart(parts[at - 1] ?? '')}${text}`);
}

function encodePart(part: string): string {
  // A URL parser takes `.` and `..` out, encoded or not; an empty part makes `show ''` a list.
  if (/^\.{0,2}$/.test(part)) throw usageError(`Expected an id or a name, got ${JSON.stringify(part)}`);
  return encodeURIComponent(part);
}

async function exchange(options: HttpOptions, method: Method, path: string, { query = {}, body, headers = {} }: Ask) {
  const url = new URL(options.url.replace(/\/+$/, '') + path);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  const sent = {
    accept: 'application/json',
    ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
  } as Record<string, string>;
  const { timeoutMs = 30_000 } = options;
  try {
    const response = await fetch(url, {
      method,
      headers: sent,
      // Followed, a POST may become a GET.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { response, text: await response.text() };
  } catch (error) {
    throw unreachable(options.url, method, error, timeoutMs);
  }
}

/** Errors after which nothing was sent. */
const NOT_SENT = new Set<unknown>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

function unreachable(url: string, method: Method, error: unknown, timeoutMs: number): CliError {
  const { name, cause = error } = error as { name?: unknown; cause?: unknown };
  const why = name === 'TimeoutError' ? `no answer within ${timeoutMs / 1_000} s` : reasonOf(cause);
  const { code } = cause as { code?: unknown };
  const doubt = method === 'GET' || NOT_SENT.has(code) ? '' : '; it may have been done all the same';
  return new CliError(EXIT.unavailable, `The API at ${url} cannot be reached: ${why}${doubt}`, { cause: error });
}

function parseAnswer({ url }: HttpOptions, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const got = JSON.stringify(text.slice(0, 40));
    throw new CliError(EXIT.unavailable, `${url} is not the API: expected JSON, got ${got}`, { cause: error });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks the API as a client of it does. Undefined: no answer, or one that says nothing about the request. */
export type Ask = (
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  idempotencyKey?: string,
) => Promise<ApiAnswer | undefined>;

/** A client does not wait longer for an answer, in milliseconds. */
const PATIENCE_MS = 6_000;

export function apiClient(baseUrl: () => string): Ask {
  return async (method, path, body, idempotencyKey) => {
    try {
      const response = await fetch(baseUrl() + path, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (response.status >= 500) return undefined;
      return { status: response.status, body: (await response.json()) as ApiAnswer['body'] };
    } catch {
      return undefined;
    }
  };
}

/** Asks until there is an answer that says something. Undefined once `stopped`. */
export async function askUntilAnswered(
  ask: () => Promise<ApiAnswer | undefined>,
  stopped: AbortSignal,
): Promise<ApiAnswer | undefined> {
  for (let pauseMs = 200; !stopped.aborted; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    const answer = await ask();
    if (answer) return answer;
    await pause(pauseMs, stopped);
  }
  return undefined;
}

/** Sleeps; wakes early, without an error, once `stopped`. */
export async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stopped }).catch(() => undefined);
}

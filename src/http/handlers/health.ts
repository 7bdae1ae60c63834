import type { Reply } from '../route.ts';

/** The process is alive. Says nothing about its servers: that is readiness. */
export function health(): Promise<Reply> {
  return Promise.resolve({ status: 200, body: { status: 'ok' } });
}

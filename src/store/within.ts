import { InfrastructureError } from './fault.ts';

/** How long PostgreSQL may take for one statement of ours, in milliseconds: they change few rows by their keys. */
export const STATEMENT_MS = 10_000;

/**
 * Waits for `work`, but not longer than `ms`: a server that is frozen or cut off neither answers nor fails. What was asked
 * for may then still happen. Throws an `InfrastructureError` that names `what`.
 */
export async function within<R>(ms: number, what: string, work: Promise<R>): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new InfrastructureError(`No answer from ${what} in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // What it says later is nobody's.
    work.catch(() => undefined);
  }
}

import { InfrastructureError } from '../store/fault.ts';

/** A leave that is older than this is not used, in milliseconds: its job may have been given to another by now. */
const STALE_LEAVE_MS = 5_000;

/** Asks for leave to run. Throws an `InfrastructureError` if the answer came too late: the process was frozen or cut off
 *  meanwhile, and the saga may have ended. */
export async function askLeave<R>(ask: () => Promise<R>): Promise<R> {
  const askedAt = performance.now();
  const answer = await ask();
  if (performance.now() - askedAt > STALE_LEAVE_MS) throw new InfrastructureError('The leave to run came too late');
  return answer;
}

import type { Log } from '../core/log.ts';
import type { SqlRunner } from '../core/definition.ts';
import { RunnerError, messageOf } from '../core/errors.ts';
import type { RebuildContext } from '../queues/rebuild.ts';
import { resumeFlow } from '../queues/rebuild.ts';
import type { RetryWork } from '../store/desk/group-retries.ts';
import { findRetryWork, finishRetry, passRetry } from '../store/desk/group-retries.ts';
import type { Resolving } from '../store/desk/resolving.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

const BATCH = 20;
const REST_MS = 1_000;
/** How long a batch may take, in milliseconds. What it retried by then stays so. */
const BATCH_LIMIT_MS = 30_000;
/** Elects one process, batch by batch, as the reconciler does. */
const ELECT = `
  SELECT pg_try_advisory_xact_lock(5283673) AS elected,
    set_config('idle_in_transaction_session_timeout', '${BATCH_LIMIT_MS}', true)`;

export interface GroupRetriesContext extends RebuildContext {
  readonly resolving: Resolving;
}

/** Retries the tasks of groups, one after the other, as operators asked for. */
export function startGroupRetries(context: GroupRetriesContext): Loop {
  return startLoop(async () => {
    try {
      return (await retryBatch(context)) ? 0 : REST_MS;
    } catch (error) {
      context.log.warn({ err: messageOf(error) }, 'retry of a group interrupted');
      return REST_MS;
    }
  });
}

/** False where there is nothing to do, or another process does it. */
async function retryBatch(context: GroupRetriesContext): Promise<boolean> {
  return context.sql.$transaction(
    async (tx) => {
      const [lock] = await tx.$queryRawUnsafe<{ elected: boolean }[]>(ELECT);
      const work = lock?.elected === true ? await findRetryWork(tx, BATCH) : undefined;
      if (!work) return false;
      await (work.taskIds.length === 0 ? finish(context.log, tx, work) : retryTasks(context, work));
      return true;
    },
    { maxWait: 5_000, timeout: BATCH_LIMIT_MS },
  );
}

async function finish(log: Log, tx: SqlRunner, { id }: RetryWork): Promise<void> {
  await finishRetry(tx, id);
  log.info({ groupRetry: id }, 'group retried');
}

async function retryTasks(context: GroupRetriesContext, { id, actor, reason, taskIds }: RetryWork): Promise<void> {
  const { resolving, sql, log } = context;
  for (const taskId of taskIds) {
    try {
      const decision = { resolution: 'retry', action: 'retry', actor, reason, groupRetry: id } as const;
      await resumeFlow(context, await resolving.resolve(taskId, decision));
    } catch (error) {
      // Somebody else was first, or it is none that can be retried. Anything else ends the batch, which then begins again here.
      if (!(error instanceof RunnerError)) throw error;
      log.debug({ taskId, err: error.message }, 'task of a group passed over');
    }
    await passRetry(sql, id, taskId);
  }
}

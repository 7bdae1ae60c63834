import { RunnerError, messageOf } from '../core/errors.ts';
import type { RebuildContext } from '../queues/rebuild.ts';
import { resumeFlow } from '../queues/rebuild.ts';
import { findRescued } from '../store/sagas/rescues.ts';
import type { Resolving } from '../store/desk/resolving.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

const BATCH = 20;
const REST_MS = 1_000;

export interface RescuesContext extends RebuildContext {
  readonly resolving: Resolving;
}

/** Takes up the sagas whose compensation a rescue has done: the step counts as undone, and the saga goes on from there. */
export function startRescues(context: RescuesContext): Loop {
  return startLoop(async () => {
    try {
      const tasks = await findRescued(context.sql, BATCH);
      for (const task of tasks) await takeUp(context, task);
      return tasks.length === BATCH ? 0 : REST_MS;
    } catch (error) {
      context.log.warn({ err: messageOf(error) }, 'completed rescues were not taken up');
      return REST_MS;
    }
  });
}

/** Of two processes that see it, one is first. */
async function takeUp(
  context: RescuesContext,
  { taskId, rescueSagaId }: { readonly taskId: string; readonly rescueSagaId: string },
): Promise<void> {
  const reason = `Saga ${rescueSagaId} has completed`;
  const by = { resolution: 'undone', action: 'rescue', actor: 'rescue', byRescue: true, reason } as const;
  try {
    await resumeFlow(context, await context.resolving.resolve(taskId, by));
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    context.log.debug({ taskId, err: error.message }, 'task of a rescue passed over');
  }
}

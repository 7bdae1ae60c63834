import type { Job, Queue } from 'bullmq';
import type { Log } from '../core/log.ts';
import type { SqlRunner } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { Flows } from '../queues/flows.ts';
import type { CompensationJob } from '../queues/jobs.ts';
import { findForsaken } from '../store/upkeep/suspects.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

const REST_MS = 5_000;
const BATCH = 200;

export interface LeftoversContext {
  readonly sql: SqlRunner;
  readonly backend: Pick<QueueBackend, 'ready'>;
  readonly compensations: Queue;
  readonly flows: Pick<Flows, 'remove'>;
  readonly log: Log;
}

/**
 * A failed compensation stays in its queue, and its flow waits for it. When its saga goes on with another flow, or ends,
 * both are removed at once; where that failed, they are found here. Everything else of a flow ends by itself.
 */
export function startLeftovers(context: LeftoversContext): Loop {
  let from = 0;
  return startLoop(async () => {
    try {
      await context.backend.ready();
      const jobs = (await context.compensations.getFailed(from, from + BATCH - 1)) as Job<CompensationJob>[];
      await removeForsaken(context, jobs);
      from = jobs.length === BATCH ? from + BATCH : 0;
    } catch (error) {
      context.log.debug({ err: messageOf(error) }, 'leftovers not looked for');
    }
    return REST_MS;
  });
}

async function removeForsaken(
  { sql, flows, log }: LeftoversContext,
  jobs: readonly Job<CompensationJob>[],
): Promise<void> {
  if (jobs.length === 0) return;
  const forsaken = new Set(
    await findForsaken(
      sql,
      jobs.map(({ data }) => data),
    ),
  );
  for (const job of jobs) {
    const { sagaId, generation } = job.data;
    if (!forsaken.has(`${sagaId}.${generation}`)) continue;
    try {
      await flows.remove({ ...job.data, lastStep: job.data.lastStep });
      // Its flow's root may be gone already.
      await job.remove();
    } catch (error) {
      log.debug({ sagaId, err: messageOf(error) }, 'left flow not removed');
    }
  }
}

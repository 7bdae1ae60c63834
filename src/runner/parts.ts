import type { Queue } from 'bullmq';
import { messageOf } from '../core/errors.ts';
import { logOf } from '../core/log.ts';
import { wantedNotices } from '../core/notice.ts';
import { createRegistry } from '../core/registry.ts';
import type { JournalName } from '../metrics/meter.ts';
import { guardMeter } from '../metrics/meter.ts';
import type { QueueBackend } from '../queues/backend.ts';
import { redisBackend } from '../queues/backend.ts';
import type { Flows } from '../queues/flows.ts';
import { createFlows } from '../queues/flows.ts';
import { openQueues } from '../queues/queues.ts';
import { createTracing } from '../queues/tracing.ts';
import { createResolving } from '../store/desk/resolving.ts';
import { createTaskViews } from '../store/desk/task-views.ts';
import { ownTables } from '../store/in-schema.ts';
import { createQueries } from '../store/reads/queries.ts';
import { createCompensations } from '../store/sagas/compensations.ts';
import { createSagaStore } from '../store/sagas/sagas.ts';
import { createStarts } from '../store/sagas/starts.ts';
import { createVerdicts } from '../store/sagas/verdicts.ts';
import { within } from '../store/within.ts';
import type { RunnerOptions } from './interface.ts';

const LIMIT_BYTES = 256 * 1_024;
/** How long a caller waits for the queues, in milliseconds. What is not delivered by then may yet be, and does no harm. */
export const DELIVERY_MS = 2_000;

/** What a runner is made of. */
export type Parts = ReturnType<typeof openParts>;

/** Connects lazily. Throws what `createRunner` throws. */
export function openParts(options: RunnerOptions) {
  const { prisma, webhooks, outputLimitBytes = LIMIT_BYTES } = options;
  const log = logOf(options.log);
  const registry = createRegistry(options.sagas);
  const { client: sql, in: ownIn } = ownTables(prisma, options.schema);
  const wanted = webhooks && wantedNotices(webhooks);
  const backend = backendOf(options);
  const queues = openQueues(backend, registry, wanted !== undefined);
  for (const queue of queues.list) queue.on('error', (error) => log.debug({ err: error.message }, 'queue error'));
  const meter = guardMeter(options.meter, (error) => log.error({ err: messageOf(error) }, 'the meter fails'));
  const noteFlush = (journal: JournalName) => (entries: number, durationMs: number) =>
    meter.note({ kind: 'flush', journal, entries, durationMs });
  const sagas = createSagaStore(sql, registry, (change) => meter.note({ kind: 'saga', ...change }), wanted);
  const tasks = createTaskViews(sql, registry);
  const flows = createFlows(backend, queues, registry);
  const tracing = createTracing(backend.telemetry);
  const verdicts = createVerdicts(sagas);
  return {
    options,
    outputLimitBytes,
    wanted,
    ownIn,
    queues,
    noteFlush,
    tasks,
    starts: createStarts(sql, noteFlush('starts')),
    compensations: createCompensations(sql, sagas),
    queries: createQueries(sql, registry, tasks),
    resolving: createResolving(sql, sagas, outputLimitBytes),
    /** What sends jobs anew. */
    repair: { registry, sql, sagas, flows, verdicts, backend, tracing, log, meter },
    /** What the queues do not take now, the reconciler gives them later: the record is committed. */
    deliver: async (sagaId: string, add: () => Promise<unknown>): Promise<void> => {
      try {
        await within(DELIVERY_MS, 'the queues', add());
      } catch (error) {
        log.warn({ sagaId, err: messageOf(error) }, 'queues out of reach, left to the reconciler');
      }
    },
    close: () => closeQueues(flows, queues.list, backend),
  };
}

function backendOf({ redis, queues }: RunnerOptions): QueueBackend {
  if (queues !== undefined && redis === undefined) return queues;
  if (redis !== undefined && queues === undefined) return redisBackend({ url: redis });
  const got = queues === undefined ? 'neither' : 'both';
  throw new TypeError(`createRunner: expected redis, a URL, or else queues, a backend; got ${got}`);
}

async function closeQueues(flows: Flows, queues: readonly Queue[], backend: QueueBackend): Promise<void> {
  await flows.close();
  await Promise.all(queues.map((queue) => queue.close()));
  await backend.close();
}

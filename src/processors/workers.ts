import type { Job, Processor, Worker } from 'bullmq';
import type { Log } from '../core/log.ts';
import type { QueueBackend, WorkerSettings } from '../queues/backend.ts';
import type { Meter } from '../metrics/meter.ts';
import type { CompensationJob, EventJob, OutcomeJob, StepJob } from '../queues/jobs.ts';
import type { SqlRunner } from '../core/definition.ts';
import type { WebhookOptions } from '../core/notice.ts';
import { markConsumed } from '../store/outbox.ts';
import { COMPENSATIONS, EVENTS, NOTICES, OUTCOMES, STEPS } from '../queues/names.ts';
import type { OpenLane } from '../queues/queues.ts';
import { processCompensation } from './compensation.ts';
import type { ProcessorContext } from './context.ts';
import { laneSettings, withinLimits } from './lane.ts';
import { processOutcome } from './outcome.ts';
import { noticeProcessor } from './notice.ts';
import { inPlace, undoneAtOnce } from './placing.ts';
import { sparing } from './sparing.ts';
import { processStep } from './step.ts';

export interface WorkOptions {
  /** Steps run at the same time in this process. Default 50. Compensations, and steps with limits, are counted apart. */
  readonly concurrency?: number;
  /** Transactions of steps and compensations open at the same time in this process. More of them wait, so that connections are
   *  left for everything else: the pool needs some more than these. Default 10. */
  readonly transactions?: number;
  /** How long running steps may go on after `close()`, in milliseconds; then they are handed back. Default 10_000. */
  readonly graceMs?: number;
}

/** Something that runs until it is closed. */
export interface Work {
  close(): Promise<void>;
}

/** An event as its consumer sees it. */
export interface ConsumedEvent {
  readonly name: string;
  readonly key: string;
  readonly payload: unknown;
}

export type EventHandlers = Readonly<Record<string, (event: ConsumedEvent) => Promise<void>>>;

/**
 * A worker that falls silent is noticed after its lock has run out and the next check has come: at most their sum. One that
 * is killed is missed sooner, by its connections (`src/recovery/hand-over.ts`), so the lock may outlast an event loop that
 * is blocked for four seconds: it is never older than one when that begins.
 */
const SETTINGS: WorkerSettings = {
  lockDuration: 5_000,
  lockRenewTime: 1_000,
  stalledInterval: 1_500,
  // BullMQ never resets the count of a job's stalls: poison jobs are counted in the database instead.
  maxStalledCount: 1_000_000,
  drainDelay: 5,
};

/** Requests to receivers of notices at the same time. */
const TOLD_AT_ONCE = 10;

/** Runs the saga queues in this process, the lanes, and the notices where there are webhooks. `stop` is aborted when the grace period is over. */
export function startSagaWorkers(
  backend: QueueBackend,
  context: ProcessorContext,
  stop: AbortController,
  options: WorkOptions & {
    readonly name: string;
    readonly lanes: readonly OpenLane[];
    readonly webhooks: WebhookOptions | undefined;
  },
): Work {
  const { name, concurrency = 50, lanes, webhooks } = options;
  const settings = { ...SETTINGS, name, concurrency };
  // BullMQ gives a signal only to a processor that declares three parameters.
  const runStep: Processor<StepJob> = (job, token, signal) => processStep(context, job, token, abortSignal(signal));
  const runUndo: Processor<CompensationJob> = (job, token, signal) =>
    processCompensation(context, job, token, abortSignal(signal));
  const step = inPlace(context, STEPS, undoneAtOnce(context, runStep));
  const undo = inPlace(context, COMPENSATIONS, runUndo);
  const inLane = <T>(lane: OpenLane, processor: Processor<T>): Worker =>
    backend.worker<T>(lane.name, withinLimits(lane, context.log, processor), laneSettings(lane, settings));
  const workers: Worker[] = [
    backend.worker(STEPS, step, settings),
    backend.worker(COMPENSATIONS, undo, settings),
    ...lanes.map((lane) => (lane.side === STEPS ? inLane(lane, step) : inLane(lane, undo))),
    backend.worker<OutcomeJob>(OUTCOMES, (job, token) => processOutcome(context, job, token), settings),
    // Of their own: receivers that hang hold up each other and nothing else.
    ...(webhooks
      ? [backend.worker(NOTICES, noticeProcessor({ ...context, webhooks }), { ...settings, concurrency: TOLD_AT_ONCE })]
      : []),
  ];
  return run(workers, context, async () => {
    const grace = setTimeout(() => stop.abort(), options.graceMs ?? 10_000);
    await closeAll(workers);
    clearTimeout(grace);
  });
}

export interface EventWorkerOptions {
  readonly sql: SqlRunner;
  readonly name: string;
  readonly handlers: EventHandlers;
  readonly log: Log;
  readonly meter: Meter;
}

export function startEventWorker(backend: QueueBackend, options: EventWorkerOptions): Work {
  const { sql, name, handlers, log } = options;
  const consumeAndMark = async (job: Job<EventJob>) => {
    const outcome = await consume(handlers, job, log);
    await markConsumed(sql, [job.data.key]);
    return outcome;
  };
  const worker = backend.worker<EventJob>(EVENTS, consumeAndMark, {
    ...SETTINGS,
    name,
    concurrency: 10,
  });
  return run([worker], options, () => closeAll([worker]));
}

async function consume(handlers: EventHandlers, job: Job<EventJob>, log: Log): Promise<string> {
  const handler = Object.hasOwn(handlers, job.data.name) ? handlers[job.data.name] : undefined;
  if (!handler) return 'ignored';
  const { name, key, payload } = job.data;
  await handler({ name, key, payload });
  log.info({ event: name, key }, 'event consumed');
  return 'consumed';
}

function run(
  workers: readonly Worker[],
  { log, meter }: { readonly log: Log; readonly meter: Meter },
  close: () => Promise<void>,
): Work {
  for (const worker of workers) {
    worker.on(
      'error',
      sparing((err) => log.warn({ queue: worker.name, err }, 'worker error')),
    );
    worker.on('stalled', (jobId) => {
      meter.note({ kind: 'stall', queue: worker.name });
      log.warn({ queue: worker.name, jobId }, 'job stalled, runs again');
    });
    worker.run().catch((error: unknown) => log.error({ queue: worker.name, err: error }, 'worker ended'));
  }
  let closed: Promise<void> | undefined;
  return { close: () => (closed ??= close()) };
}

async function closeAll(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.close()));
}

/** BullMQ types its signal by a polyfill; at run time it is the platform's own. */
function abortSignal(signal: unknown): AbortSignal | undefined {
  return signal instanceof AbortSignal ? signal : undefined;
}

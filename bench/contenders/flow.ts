/** Flows of four jobs in one queue, as one writes them with BullMQ alone, with a place for a record of what happens. */
import { randomUUID } from 'node:crypto';
import type { FlowJob, Job } from 'bullmq';
import { FlowProducer, Queue, QueueEvents, UnrecoverableError, WaitingChildrenError, Worker } from 'bullmq';
import { eventually } from '../../test/support/eventually.ts';
import type { Contender, Starter, Work, World } from './contender.ts';

export interface FlowRecord {
  started(sagaId: string): Promise<void>;
  /** Steps are counted from 1. */
  stepDone(sagaId: string, step: number): Promise<void>;
  /** Throws if not all `started` are recorded as completed. */
  check(started: number): Promise<void>;
  close(): Promise<void>;
}

interface FlowJobData {
  readonly sagaId: string;
  readonly step: number;
  readonly undoing?: true;
}

const QUEUE = 'flow';
const PREFIX = '{bench}';
const LAST_STEP = 4;
const FAILING_STEP = 3;
/** What Backstep keeps, too. */
const KEEP = { count: 1_000, age: 24 * 3_600 };
const SETTLE_MS = 60_000;

export function flowContender(recordFor: (world: World) => FlowRecord): Contender {
  return {
    starter: (world) => flowStarter(world, recordFor(world)),
    worker: (world, lastActed) => flowWorker(world, recordFor(world), lastActed),
  };
}

async function flowStarter(world: World, record: FlowRecord): Promise<Starter> {
  const producer = new FlowProducer(connectionOf(world));
  const queue = new Queue(QUEUE, connectionOf(world));
  const closables: { close(): Promise<unknown> }[] = [producer, queue, record];
  await Promise.all([producer.waitUntilReady(), queue.waitUntilReady()]);
  return {
    start: async () => {
      const sagaId = randomUUID();
      await record.started(sagaId);
      await producer.add(chainOf(sagaId, 'step', [1, 2, 3, LAST_STEP]));
      return sagaId;
    },
    watchEnds: async (ended) => {
      const events = new QueueEvents(QUEUE, connectionOf(world));
      closables.push(events);
      const suffix = `.step.${LAST_STEP}`;
      events.on('completed', ({ jobId }) => {
        if (jobId.endsWith(suffix)) ended(jobId.slice(0, -suffix.length));
      });
      await events.waitUntilReady();
    },
    settle: async (started) => {
      await eventually(() => isIdle(queue), { timeoutMs: SETTLE_MS, intervalMs: 5 });
      await record.check(started);
    },
    close: async () => {
      await Promise.all(closables.map((each) => each.close()));
    },
  };
}

async function isIdle(queue: Queue): Promise<boolean> {
  const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'prioritized', 'waiting-children');
  return Object.values(counts).every((count) => count === 0);
}

async function flowWorker(world: World, record: FlowRecord, lastActed: () => void): Promise<Work> {
  const producer = new FlowProducer(connectionOf(world));
  const undone = world.ending === 'undone';
  const worker = new Worker<FlowJobData>(
    QUEUE,
    async (job, token) => {
      const { sagaId, step } = job.data;
      if (undone && step === LAST_STEP) return undo(producer, job, token);
      if (undone && step === FAILING_STEP) throw new UnrecoverableError('The third step fails');
      if (step === (job.name === 'undo' ? 1 : LAST_STEP)) lastActed();
      await record.stepDone(sagaId, step);
    },
    { ...connectionOf(world), concurrency: world.concurrency },
  );
  await worker.waitUntilReady();
  return {
    close: async () => {
      await worker.close();
      await Promise.all([producer.close(), record.close()]);
    },
  };
}

/** The last step's job runs although the third failed; it adds what undoes the others under itself, and waits for it. */
async function undo(producer: FlowProducer, job: Job<FlowJobData>, token = ''): Promise<void> {
  const { sagaId, undoing } = job.data;
  if (undoing) return;
  const failures = await job.getIgnoredChildrenFailures();
  if (Object.keys(failures).length === 0) throw new Error(`Nothing of ${sagaId} has failed`);
  await job.updateData({ ...job.data, undoing: true });
  const chain = chainOf(sagaId, 'undo', [FAILING_STEP - 1, 1]);
  const parent = { id: job.id ?? '', queue: job.queueQualifiedName };
  await producer.add({ ...chain, opts: { ...chain.opts, parent } });
  if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
}

/** The first of `steps` runs first, so it is the deepest child. */
function chainOf(sagaId: string, name: 'step' | 'undo', steps: readonly number[]): FlowJob {
  const nodes = steps.map((step): FlowJob => ({
    name,
    queueName: QUEUE,
    data: { sagaId, step } satisfies FlowJobData,
    opts: {
      jobId: `${sagaId}.${name}.${step}`,
      attempts: 3,
      backoff: { type: 'exponential', delay: 1_000 },
      removeOnComplete: KEEP,
      removeOnFail: KEEP,
      stackTraceLimit: 3,
      ignoreDependencyOnFailure: true,
    },
  }));
  return nodes.reduce((child, node) => ({ ...node, children: [child] }));
}

function connectionOf({ redisUrl }: World) {
  return { connection: { url: redisUrl, maxRetriesPerRequest: null }, prefix: PREFIX };
}

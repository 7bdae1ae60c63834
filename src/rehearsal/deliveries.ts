import type { Job } from 'bullmq';
import { backoffMs } from '../core/judge.ts';
import { findStep } from '../processors/context.ts';
import { processCompensation } from '../processors/compensation.ts';
import { processStep } from '../processors/step.ts';
import type { CompensationJob, StepJob } from '../queues/jobs.ts';
import { queueFor } from '../queues/lanes.ts';
import { COMPENSATIONS, STEPS } from '../queues/names.ts';
import type { Engine } from './engine.ts';
import type { MemorySaga } from './memory-saga.ts';
import type { Answer } from './outside.ts';
import { recallOverdue, rest, sleep, turnedBefore } from './outside.ts';

/** BullMQ's own errors say what became of a job. */
type End = 'ended' | 'died' | 'delayed' | 'to be tried again';

/** As BullMQ delivers the step's job. */
export async function executeNext(
  engine: Engine,
  step: string,
  signals: Readonly<Record<string, Answer>>,
): Promise<void> {
  const { stage, context, definition } = engine;
  if (await turnedBefore(engine, step)) return;
  const { record, stepsDone } = stage.memory.saga;
  const { sagaId, type, generation } = record;
  const data = { sagaId, type, generation, step, stepIndex: stepsDone };
  const end = await deliver(engine, (token) =>
    processStep(context, jobOf<StepJob>(data, queueFor(STEPS, definition, step)), token),
  );
  if (end === 'delayed') await sleep(engine, step, signals);
  if (end === 'to be tried again') backOff(engine, step, stage.memory.saga.retryCount);
}

export async function compensateNext(engine: Engine, step: string): Promise<void> {
  const { stage, context, definition } = engine;
  const { sagaId, type, generation } = stage.memory.saga.record;
  const data = { sagaId, type, generation, step };
  const end = await deliver(engine, (token) =>
    processCompensation(context, jobOf<CompensationJob>(data, queueFor(COMPENSATIONS, definition, step)), token),
  );
  if (end === 'delayed') rest(stage.memory);
  if (end === 'to be tried again') backOff(engine, step, stage.memory.saga.rows.get(step)?.compensation_attempts ?? 1);
}

/** A job is never at its flow's root: what the root does is done here, by `decide`. Its attempts are the engine's to count. */
function jobOf<Data>(data: Data, queueName: string): Job<Data> {
  const job = {
    id: 'rehearsal',
    data,
    queueName,
    attemptsMade: 0,
    opts: { attempts: Number.POSITIVE_INFINITY },
    parent: { id: 'root' },
    updateData: async (changed: Data) => {
      job.data = changed;
    },
    moveToDelayed: async () => undefined,
    moveToWait: async () => undefined,
  };
  return job as unknown as Job<Data>;
}

async function deliver(engine: Engine, process: (token: string) => Promise<unknown>): Promise<End> {
  const { stage } = engine;
  const { memory } = stage;
  const before = failuresOf(memory.saga);
  const death = stage.death();
  stage.diesRecorded = false;
  const work = process('token').then(
    (): End => 'ended',
    (error: unknown) => endOf(error, failuresOf(memory.saga) > before),
  );
  const end = await Promise.race([work, death]);
  if (end === 'died') await replaceProcess(engine);
  return end;
}

/** About how long a dead process keeps its job, in milliseconds. @see bullmq WorkerOptions.lockDuration */
const STALL_MS = 10_000;

/** What only the process knew is gone, and another is given its job. */
async function replaceProcess(engine: Engine): Promise<void> {
  const { stage } = engine;
  stage.memory.clock.clear();
  stage.memory.clock.advance(STALL_MS);
  stage.memory.ahead = undefined;
  stage.onMovedOn = undefined;
  if (!stage.overdue) return;
  stage.overdue = false;
  await recallOverdue(engine);
}

/** Failed attempts that were written down. */
function failuresOf({ retryCount, rows }: MemorySaga): number {
  return [...rows.values()].reduce((sum, row) => sum + row.compensation_attempts, retryCount);
}

/** @param isNoted Whether a failed attempt was written down: if not, the error is none of the saga's. */
function endOf(error: unknown, isNoted: boolean): End {
  const name = error instanceof Error ? error.name : '';
  if (name === 'UnrecoverableError') return 'ended';
  if (name === 'DelayedError') return 'delayed';
  if (!isNoted) throw error;
  return 'to be tried again';
}

function backOff({ stage, definition }: Engine, step: string, attempt: number): void {
  stage.memory.clock.advance(backoffMs(findStep(definition, step).backoffMs, attempt));
}

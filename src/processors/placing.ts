import type { Job, Processor } from 'bullmq';
import { decide } from '../core/decide.ts';
import { messageOf } from '../core/errors.ts';
import type { CompensationJob, StepJob } from '../queues/jobs.ts';
import type { Side } from '../queues/lanes.ts';
import { queueFor } from '../queues/lanes.ts';
import { STEPS } from '../queues/names.ts';
import { rebuildFlow } from '../queues/rebuild.ts';
import type { ProcessorContext } from './context.ts';
import { withRest } from './job-control.ts';

/**
 * A deployment gave a step other limits than its job was added under: the saga's flow is built anew, so that they hold for
 * it. Only for the job that is to run next: the others are refused as ever.
 */
export function inPlace<T extends CompensationJob>(
  context: ProcessorContext,
  side: Side,
  processor: Processor<T>,
): Processor<T> {
  return async (job, token, signal) => {
    const definition = context.registry.get(job.data.type);
    const misplaced = definition !== undefined && job.queueName !== queueFor(side, definition, job.data.step);
    if (misplaced && (await withRest(job, token, context.log, () => isMoved(context, side, job)))) return 'moved';
    return processor(job, token, signal);
  };
}

async function isMoved(context: ProcessorContext, side: Side, job: Job<CompensationJob>): Promise<boolean> {
  const { sagaId, generation, step } = job.data;
  const saga = await context.sagas.load(sagaId);
  if (saga?.record.generation !== generation) return false;
  const action = decide(saga.record);
  if (action.kind !== (side === STEPS ? 'execute' : 'compensate') || action.step !== step) return false;
  return rebuildFlow(context, saga);
}

/**
 * A saga that has turned back is undone by the root of its flow, after the jobs of its remaining steps were refused. Where
 * lanes are on the way, its undo would wait in them for leave to do nothing: it gets a flow of its own at once. If that does
 * not come about, the long way is the one that is left.
 */
export function undoneAtOnce(context: ProcessorContext, processor: Processor<StepJob>): Processor<StepJob> {
  const turnOff = async ({ data }: Job<StepJob>) => {
    try {
      if (!hasLaneAhead(context, data)) return;
      const saga = await context.sagas.load(data.sagaId);
      if (saga?.record.status !== 'COMPENSATING' || saga.record.generation !== data.generation) return;
      await rebuildFlow(context, saga);
    } catch (error) {
      context.log.debug({ sagaId: data.sagaId, err: messageOf(error) }, 'undo waits in lanes');
    }
  };
  return async (job, token, signal) => {
    try {
      const outcome: unknown = await processor(job, token, signal);
      if (outcome === 'timeout') await turnOff(job);
      return outcome;
    } catch (error) {
      if (error instanceof Error && error.name === 'UnrecoverableError') await turnOff(job);
      throw error;
    }
  };
}

function hasLaneAhead({ registry }: ProcessorContext, { type, step }: StepJob): boolean {
  const definition = registry.get(type);
  const names = definition?.steps.map(({ name }) => name) ?? [];
  return names.slice(names.indexOf(step) + 1).some((name) => queueFor(STEPS, definition, name) !== STEPS);
}

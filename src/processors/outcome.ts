import type { Job } from 'bullmq';
import { WaitingChildrenError } from 'bullmq';
import { decide, toUndo } from '../core/decide.ts';
import type { OutcomeJob, StepJob } from '../queues/jobs.ts';
import { rebuildFlow } from '../queues/rebuild.ts';
import type { LoadedSaga } from '../store/sagas/loaded-saga.ts';
import type { ProcessorContext } from './context.ts';
import { findDefinition } from './context.ts';
import { withRest } from './job-control.ts';

/** A flow that ended before its saga did is built anew after this long, in milliseconds. */
const REBUILD_DELAY_MS = 1_000;

/** The processor of the outcomes queue: flows that only undo. */
export async function processOutcome(context: ProcessorContext, job: Job<OutcomeJob>, token?: string): Promise<string> {
  return withRest(job, token, context.log, () => concludeFlow(context, job, token));
}

/**
 * What the job at a flow's root does when no step of its saga is pending, and the last one did not succeed: the failed-job
 * handler that no crash can lose. Where there is something to undo it adds the compensation chain under itself, and runs
 * again after it.
 */
export async function concludeFlow(
  context: ProcessorContext,
  root: Job<StepJob | OutcomeJob>,
  token: string | undefined,
): Promise<string> {
  const saga = await context.sagas.load(root.data.sagaId);
  if (!saga) return 'gone';
  if (saga.record.generation !== root.data.generation) return 'superseded';
  const action = decide(saga.record);
  switch (action.kind) {
    case 'compensate':
      return root.data.unwinding === true ? rebuild(context, saga) : unwind(context, root, requireToken(token), saga);
    case 'execute':
      return rebuild(context, saga);
    case 'finish':
      return settle(context, root.data);
    case 'park':
    case 'nothing':
      return saga.record.status;
    default:
      return action satisfies never;
  }
}

async function unwind(
  context: ProcessorContext,
  root: Job<StepJob | OutcomeJob>,
  token: string,
  saga: LoadedSaga,
): Promise<string> {
  const definition = findDefinition(context.registry, root.data.type);
  await root.updateData({ ...root.data, unwinding: true });
  await context.flows.addCompensations(root, toUndo(saga.record), definition);
  if (await root.moveToWaitingChildren(token)) throw new WaitingChildrenError();
  // The whole chain ran before this job could wait for it.
  return concludeFlow(context, root, token);
}

/** The saga was turned back by a process without its code, or its code has changed: nothing is left to undo. */
async function settle(context: ProcessorContext, { sagaId, generation }: OutcomeJob): Promise<string> {
  return context.sagas.withLock(sagaId, async (tx, saga) => {
    if (saga.record.generation !== generation) return 'superseded';
    return (await context.sagas.apply(tx, saga, { event: { kind: 'settled' } })).status;
  });
}

/** The chain has ended, and the record says that there is more to do: jobs were removed, or an accident ended them. */
async function rebuild(context: ProcessorContext, saga: LoadedSaga): Promise<string> {
  const { sagaId, generation, status } = saga.record;
  context.log.warn({ sagaId, generation, status }, 'flow ended before its saga');
  if (await rebuildFlow(context, saga, REBUILD_DELAY_MS)) context.meter.note({ kind: 'repair', repair: 'rebuilt' });
  return 'rebuilt';
}

function requireToken(token: string | undefined): string {
  if (token === undefined) throw new Error('An outcome job came without a lock token');
  return token;
}

import type { Logger } from 'pino';
import { messageOf } from '../core/errors.ts';
import type { SqlClient } from '../core/definition.ts';
import type { Registry } from '../core/registry.ts';
import type { Flows } from './flows.ts';
import { writeLog } from '../store/log.ts';
import type { LoadedSaga, SagaStore } from '../store/sagas.ts';

export interface RebuildContext {
  readonly registry: Registry;
  readonly sql: SqlClient;
  readonly sagas: SagaStore;
  readonly flows: Flows;
  readonly log: Logger;
}

/**
 * Gives a saga a new flow of the next generation, from the first step that is not done, or from its outcome job if it is
 * being undone. The generation is raised first: from then on nothing of the old flow speaks for the saga. A crash before
 * the add leaves a saga without a flow, which the reconciler finds. Answers false if another was first.
 */
export async function rebuildFlow(context: RebuildContext, saga: LoadedSaga, delayMs = 0): Promise<boolean> {
  const { sagaId, generation } = saga.record;
  const next = await context.sagas.nextGeneration(context.sql, sagaId, generation);
  if (next === undefined) return false;
  await writeLog(context.sql, { sagaId, event: 'flow rebuilt', message: `generation ${next}` });
  await addFlow(context, saga, next, delayMs);
  await removeFlow(context, saga);
  return true;
}

/**
 * After a saga was turned back from outside, which raised its generation: a flow that undoes it, or none if it has ended
 * with that. `before` is the saga as it was.
 */
export async function turnFlow(context: RebuildContext, before: LoadedSaga): Promise<void> {
  const saga = await context.sagas.load(before.record.sagaId);
  if (saga?.record.status === 'COMPENSATING') await addFlow(context, saga, saga.record.generation);
  await removeFlow(context, before);
}

/** Adds the flow of a saga whose generation was raised with the change that made it necessary. */
async function addFlow(context: RebuildContext, saga: LoadedSaga, generation: number, delayMs = 0): Promise<void> {
  const { sagaId, type, status, steps } = saga.record;
  if (status === 'COMPENSATING') return context.flows.addOutcome({ sagaId, type, generation });
  const names = steps.map((step) => step.name);
  const definition = context.registry.get(type);
  return context.flows.addForward({
    sagaId,
    type,
    generation,
    steps: names,
    from: saga.stepsDone,
    definition,
    delayMs,
  });
}

/** What is left of the old flow is only in the way of people who look: failing to remove it harms nothing. */
async function removeFlow({ flows, log }: RebuildContext, { record }: LoadedSaga): Promise<void> {
  try {
    await flows.remove(record);
  } catch (error) {
    log.debug({ sagaId: record.sagaId, err: messageOf(error) }, 'old flow not removed');
  }
}

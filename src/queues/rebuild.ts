import type { Log } from '../core/log.ts';
import { messageOf } from '../core/errors.ts';
import type { SqlClient } from '../core/definition.ts';
import type { Registry } from '../core/registry.ts';
import type { SagaStatus } from '../core/status.ts';
import type { FlowRef } from './jobs.ts';
import type { Flows } from './flows.ts';
import type { Tracing } from './tracing.ts';
import { writeLog } from '../store/log.ts';
import type { LoadedSaga } from '../store/sagas/loaded-saga.ts';
import type { SagaStore } from '../store/sagas/sagas.ts';
import { readTraceParent } from '../store/sagas/traces.ts';

export interface RebuildContext {
  readonly registry: Registry;
  readonly sql: SqlClient;
  readonly sagas: SagaStore;
  readonly flows: Flows;
  readonly tracing: Tracing;
  readonly log: Log;
}

/** A saga that has not ended, as far as its flow depends on it. */
export interface UnfinishedSaga extends FlowRef {
  readonly status: SagaStatus;
  readonly steps: readonly string[];
  readonly stepsDone: number;
}

/**
 * Gives sagas new flows of the next generation, from the first step that is not done, or from the outcome job where one is
 * being undone. The generation is raised first: from then on nothing of an old flow speaks for its saga. A crash before
 * the add leaves a saga without a flow, which the reconciler finds. Answers how many flows there are: of the others,
 * somebody else was first.
 */
export async function rebuildFlows(
  context: RebuildContext,
  sagas: readonly UnfinishedSaga[],
  delayMs = 0,
): Promise<number> {
  if (sagas.length === 0) return 0;
  const raised = await context.sagas.nextGenerations(context.sql, sagas);
  const rebuilt = sagas
    .filter(({ sagaId }) => raised.has(sagaId))
    .map((saga) => ({ ...saga, generation: saga.generation + 1 }));
  if (rebuilt.length === 0) return 0;
  const entry = ({ sagaId, generation }: FlowRef) =>
    ({ sagaId, event: 'flow rebuilt', message: `generation ${generation}` }) as const;
  await writeLog(context.sql, ...rebuilt.map(entry));
  await Promise.all(rebuilt.map((saga) => addFlow(context, saga, delayMs)));
  return rebuilt.length;
}

/** The same for one saga, whose old flow is removed. False if somebody else was first. */
export async function rebuildFlow(context: RebuildContext, saga: LoadedSaga, delayMs = 0): Promise<boolean> {
  if ((await rebuildFlows(context, [unfinished(saga)], delayMs)) === 0) return false;
  await removeFlow(context, saga);
  return true;
}

/**
 * After a saga was turned from outside, which raised its generation: the flow that it needs now, or none if it has ended
 * with that, or is parked. `before` is the saga as it was.
 */
export async function turnFlow(context: RebuildContext, before: LoadedSaga): Promise<void> {
  const saga = await context.sagas.load(before.record.sagaId);
  if (saga && needsFlow(saga)) await addFlow(context, unfinished(saga));
  await removeFlow(context, before);
}

/** After a person resolved a task of a saga: the flow that it needs now, in place of the old one. */
export async function resumeFlow(context: RebuildContext, before: LoadedSaga): Promise<void> {
  const saga = await context.sagas.load(before.record.sagaId);
  if (!saga) return;
  if (saga.record.generation !== before.record.generation) return turnFlow(context, before);
  await (needsFlow(saga) ? rebuildFlow(context, saga) : removeFlow(context, saga));
}

const needsFlow = ({ record }: LoadedSaga) => record.status === 'RUNNING' || record.status === 'COMPENSATING';

function unfinished({ record, stepsDone }: LoadedSaga): UnfinishedSaga {
  return { ...record, steps: record.steps.map(({ name }) => name), stepsDone };
}

/** The trace of a saga is that of its start, whoever builds its flow anew. */
async function addFlow(context: RebuildContext, saga: UnfinishedSaga, delayMs = 0): Promise<void> {
  const { flows, registry, tracing, sql } = context;
  const { sagaId, type, generation, steps, stepsDone } = saga;
  const traceParent = tracing.enabled ? await readTraceParent(sql, sagaId) : null;
  await tracing.resume(traceParent, () => {
    if (saga.status === 'COMPENSATING') return flows.addOutcome({ sagaId, type, generation });
    const definition = registry.get(type);
    return flows.addForward({ sagaId, type, generation, steps, from: stepsDone, definition, delayMs });
  });
}

/** What is left of the old flow is only in the way of people who look: failing to remove it harms nothing. */
export async function removeFlow({ flows, log }: RebuildContext, { record }: LoadedSaga): Promise<void> {
  try {
    await flows.remove({ ...record, lastStep: record.steps.at(-1)?.name });
  } catch (error) {
    log.debug({ sagaId: record.sagaId, err: messageOf(error) }, 'old flow not removed');
  }
}

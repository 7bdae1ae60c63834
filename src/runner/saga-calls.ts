import { RunnerError, messageOf } from '../core/errors.ts';
import { checkSignal, newSaga } from '../core/request.ts';
import { createPlaces } from '../queues/places.ts';
import { turnFlow } from '../queues/rebuild.ts';
import { findSagaJobs } from '../queues/saga-jobs.ts';
import type { LoadedSaga } from '../store/sagas/loaded-saga.ts';
import { receiveSignal } from '../store/sagas/waits.ts';
import { within } from '../store/within.ts';
import type { Runner } from './interface.ts';
import { DELIVERY_MS, type Parts } from './parts.ts';

type SagaCalls = Pick<Runner, 'start' | 'get' | 'list' | 'metrics' | 'overview' | 'jobs' | 'signal' | 'cancel'>;

/** What is asked of sagas. */
export function sagaCalls(parts: Parts): SagaCalls {
  const { queries } = parts;
  return {
    start: startOf(parts),
    get: (sagaId) => queries.get(sagaId),
    list: (filter) => queries.list(filter),
    metrics: () => queries.metrics(),
    overview: (window) => queries.overview(window),
    jobs: jobsOf(parts),
    signal: signalOf(parts),
    cancel: async (sagaId, by) => {
      const { repair, deliver } = parts;
      const before = await repair.verdicts.cancel(sagaId, by);
      if (before.record.status === 'RUNNING') await deliver(sagaId, () => turnFlow(repair, before));
      return queries.get(sagaId);
    },
  };
}

function startOf({ repair, starts, deliver, outputLimitBytes: inputLimitBytes }: Parts): Runner['start'] {
  const { registry, tracing, meter, flows } = repair;
  return async (type, input, startOptions = {}) => {
    const { definition, saga } = newSaga(registry, type, input, { ...startOptions, inputLimitBytes });
    return tracing.span(`start ${type}`, null, async (traceParent) => {
      const result = await starts.start({ ...saga, traceParent });
      switch (result.kind) {
        case 'known':
          if (result.sameRequest) return { sagaId: result.sagaId, status: result.status, created: false };
          throw new RunnerError('IDEMPOTENCY_KEY_REUSED', `The idempotency key was used for another ${type} request`);
        case 'subject-busy':
          throw new RunnerError('SUBJECT_BUSY', `Saga ${result.sagaId} already works on ${saga.subject}`);
        case 'started':
          meter.note({ kind: 'saga', type, status: 'RUNNING' });
          await deliver(saga.sagaId, () => flows.addForward({ ...saga, generation: 1, from: 0, definition }));
          return { sagaId: saga.sagaId, status: 'RUNNING', created: true };
        default:
          return result satisfies never;
      }
    });
  };
}

function jobsOf({ repair, queues }: Parts): Runner['jobs'] {
  const { backend, registry } = repair;
  return async (sagaId) => {
    const { record } = await required(repair.sagas.load(sagaId), sagaId);
    const steps = record.steps.map(({ name }) => name);
    const found = findSagaJobs(backend, createPlaces(backend, queues, registry), queues.outcomes, record, steps);
    return within(DELIVERY_MS, 'the queues', found).catch((cause: unknown) => {
      throw new RunnerError('QUEUES_UNAVAILABLE', `The queues are out of reach: ${messageOf(cause)}`, { cause });
    });
  };
}

function signalOf({ repair, deliver }: Parts): Runner['signal'] {
  const { registry, sagas, flows } = repair;
  return async (sagaId, name, payload, { signalId, actor } = {}) => {
    const { type } = (await required(sagas.load(sagaId), sagaId)).record;
    checkSignal(registry, type, name, payload);
    const receipt = await receiveSignal(sagas, {
      sagaId,
      name,
      signalId: signalId ?? null,
      payload,
      actor: actor ?? null,
    });
    const ref = { sagaId, type, generation: receipt.generation };
    if (receipt.kind === 'pending') await deliver(sagaId, () => flows.wakeStep(ref, name));
    return { accepted: receipt.kind === 'before' ? 'before' : 'now' };
  };
}

async function required(loading: Promise<LoadedSaga | undefined>, sagaId: string): Promise<LoadedSaga> {
  const saga = await loading;
  if (!saga) throw new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`);
  return saga;
}

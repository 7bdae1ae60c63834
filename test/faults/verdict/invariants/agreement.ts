import { isDeepStrictEqual } from 'node:util';
import { isSagaQueue } from '../../../../src/queues/names.ts';
import type { Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { hasEnded, isUndone, judgeCases } from './case.ts';

/** Group 4: the saga's row, its steps' rows, the queues and the API say the same. */
export function judgeAgreement(evidence: Evidence, cases: readonly Case[]): readonly Violation[] {
  const known = new Set(evidence.sagas.map((saga) => saga.saga_id));
  const strays = evidence.jobs.filter(({ sagaId, queue }) => isSagaQueue(queue) && !known.has(sagaId));
  return [
    ...judgeCases(cases, {
      '4 the row of an ended saga is whole': rowFits,
      '4 steps fit their saga': stepsFit,
      '4 no job is left of an ended saga': jobsFit,
      '4 the API shows what the rows say': (one) => viewFits(one, evidence.views),
    }),
    ...evidence.unforeseen.map((line) => ({
      sagaId: null,
      rule: '4 the API knows what went wrong',
      message: `It answered 500: ${line.slice(0, 500)}`,
    })),
    ...strays.map(({ id, queue, state }) => ({
      sagaId: null,
      rule: '4 no job is left of an ended saga',
      message: `${id} is ${state} in ${queue}, and its saga is not known`,
    })),
  ];
}

const rowFits: Rule = ({ saga }) => {
  const { status, ending, completed_at: completedAt, wait_until: waitUntil, steps_done: done, definition } = saga;
  const wrong: string[] = [];
  if ((completedAt !== null) !== hasEnded(saga))
    wrong.push(`It is ${status}, completed at ${completedAt?.toISOString()}`);
  if (isUndone(saga) && ending !== status) wrong.push(`It is ${status}, and its ending is ${ending}`);
  if (status === 'COMPLETED' && (ending !== null || done !== definition.length))
    wrong.push(`It is COMPLETED with ${done} of ${definition.length} steps done, ending ${ending}`);
  if (status !== 'RUNNING' && waitUntil !== null)
    wrong.push(`It is ${status}, and waits until ${waitUntil.toISOString()}`);
  return wrong;
};

const stepsFit: Rule = ({ saga, steps }) => {
  const wrong: string[] = [];
  const allowed = allowedStatuses(saga.status);
  for (const [place, { name, status, step_index: index }] of steps.entries()) {
    if (index !== place || saga.definition[index] !== name) wrong.push(`${name} is step ${index}, at place ${place}`);
    if (!allowed.includes(status)) wrong.push(`It is ${saga.status}, and ${name} is ${status}`);
  }
  if (saga.status === 'COMPLETED' && steps.length !== saga.definition.length)
    wrong.push(`It is COMPLETED with ${steps.length} steps of ${saga.definition.length}`);
  const broken = steps.slice(0, -1).filter(({ status }) => status === 'FAILED');
  wrong.push(...broken.map(({ name }) => `${name} is FAILED, and a later step ran`));
  if (saga.status === 'COMPLETED') wrong.push(...stateGaps(saga, steps));
  return wrong;
};

function allowedStatuses(status: string): readonly string[] {
  if (status === 'COMPLETED' || status === 'RUNNING') return ['DONE'];
  if (status === 'COMPENSATED' || status === 'TIMEOUT' || status === 'CANCELLED') return ['FAILED', 'COMPENSATED'];
  return ['DONE', 'UNKNOWN', 'FAILED', 'COMPENSATED', 'COMPENSATION_FAILED'];
}

/** The state is the input with the outputs put on it in order. */
function stateGaps(saga: Case['saga'], steps: Case['steps']): readonly string[] {
  const expected = Object.assign({}, saga.input, ...steps.map(({ output }) => output ?? {})) as object;
  return isDeepStrictEqual(saga.state, expected) ? [] : [`Its state is ${JSON.stringify(saga.state)}`];
}

const jobsFit: Rule = ({ saga, jobs }) => {
  if (saga.status === 'RUNNING' || saga.status === 'COMPENSATING') return [];
  return jobs
    .filter(({ state }) => state !== 'failed' && !(saga.status === 'FAILED' && state === 'waiting-children'))
    .map(({ id, queue, state }) => `It is ${saga.status}, and job ${id} is ${state} in ${queue}`);
};

function viewFits(known: Case, views: Evidence['views']): readonly string[] {
  const { saga_id: id } = known.saga;
  // One that still goes on may have gone on between the two looks.
  if (!views.has(id) || known.saga.status === 'RUNNING' || known.saga.status === 'COMPENSATING') return [];
  const view = views.get(id) as Readonly<Record<string, unknown>> | undefined;
  if (view === undefined) return ['The API does not show it'];
  return Object.entries(expectedView(known))
    .filter(([field, expected]) => !isDeepStrictEqual(shown(view, field), expected))
    .map(
      ([field, expected]) => `${field} is ${JSON.stringify(expected)}, the API shows ${JSON.stringify(view[field])}`,
    );
}

/** Of lists, what the rows can be compared with. */
function shown(view: Readonly<Record<string, unknown>>, field: string): unknown {
  const list = view[field] as readonly Readonly<Record<string, unknown>>[] | undefined;
  if (field === 'steps')
    return list?.map(({ name, status, output, attempts, error }) => ({ name, status, output, attempts, error }));
  if (field === 'tasks') return list?.map(({ id, step, kind, status }) => ({ id, step, kind, status }));
  if (field === 'log') return list?.map(({ event, step }) => ({ event, step }));
  return view[field];
}

/** What the API must show of a saga, as far as it is compared. */
export function expectedView({ saga, steps, tasks, log }: Case): Readonly<Record<string, unknown>> {
  const unbegun = saga.status === 'RUNNING' ? 'PENDING' : 'SKIPPED';
  return {
    sagaId: saga.saga_id,
    type: saga.saga_type,
    status: saga.status,
    currentStep: saga.current_step,
    stepIndex: saga.step_index,
    error: saga.error_message,
    reason: saga.reason,
    retryCount: saga.retry_count,
    generation: saga.generation,
    input: saga.input,
    state: saga.state,
    waitUntil: saga.wait_until?.toISOString() ?? null,
    completedAt: saga.completed_at?.toISOString() ?? null,
    timeoutAt: saga.timeout_at?.toISOString() ?? null,
    steps: saga.definition.map((name) => {
      const row = steps.find((step) => step.name === name);
      const { status = unbegun, output = null, attempts = 0, error_message: error = null } = row ?? {};
      return { name, status, output, attempts, error };
    }),
    tasks: tasks.map(({ id, step, kind, status }) => ({ id, step, kind, status })),
    log: log.map(({ event, step }) => ({ event, step })),
  };
}

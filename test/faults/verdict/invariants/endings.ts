import type { Evidence, SagaSeen } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { groupBy, judgeCases, wasSentOn } from './case.ts';

/** Group 1: every accepted saga ended, for a reason, and none was made up. */
export function judgeEndings(evidence: Evidence, cases: readonly Case[]): readonly Violation[] {
  const cancelled = new Set(evidence.accepted.flatMap(({ sagaId, cancelled }) => (cancelled ? [sagaId] : [])));
  return [
    ...lostStarts(evidence),
    ...inventedSagas(evidence),
    ...splitKeys(evidence),
    ...sharedSubjects(evidence),
    ...judgeCases(cases, {
      '1 every saga ends': ended,
      '1 a parked saga has an open task': hasOpenTask,
      '1 a saga ends for a reason': hasReason,
      '1 an accepted cancel counts': (known) => (cancelled.has(known.saga.saga_id) ? uncancelled(known) : []),
    }),
  ];
}

/** A parked one may be given up, or sent forward: that takes the cancel back. */
const uncancelled: Rule = (known) => {
  const { status } = known.saga;
  const counts = status === 'CANCELLED' || status === 'FAILED' || status === 'ABANDONED' || wasSentOn(known);
  return counts ? [] : [`It was cancelled and is ${status}`];
};

function lostStarts({ accepted, sagas }: Evidence): readonly Violation[] {
  const known = new Set(sagas.map((saga) => saga.saga_id));
  return accepted
    .filter(({ sagaId }) => !known.has(sagaId))
    .map(({ sagaId, key }) => ({ sagaId, rule: '1 an accepted start is kept', message: `Key ${key}: it has no row` }));
}

function inventedSagas({ accepted, sagas }: Evidence): readonly Violation[] {
  const known = new Set(accepted.map(({ sagaId }) => sagaId));
  return sagas
    .filter((saga) => !known.has(saga.saga_id))
    .map((saga) => ({
      sagaId: saga.saga_id,
      rule: '1 no saga is made up',
      message: `Nobody was told of it (key ${saga.idempotency_key})`,
    }));
}

function splitKeys({ accepted }: Evidence): readonly Violation[] {
  return [...groupBy(accepted, ({ type, key }) => `${type} ${key}`)].flatMap(([key, sagas]) =>
    sagas.slice(1).map(({ sagaId }) => ({
      sagaId,
      rule: '1 one key is one saga',
      message: `${key} was answered with ${sagas.map((saga) => saga.sagaId).join(' and ')}`,
    })),
  );
}

/** An insert may have waited for the end that lets it through, in milliseconds. */
const OVERLAP_MS = 1_000;

/** A payment is what a refund works on. */
function sharedSubjects({ sagas }: Evidence): readonly Violation[] {
  const refunds = sagas.filter((saga) => saga.saga_type === 'PAYMENT_REFUND');
  const startOf = (saga: SagaSeen) => saga.started_at.getTime();
  const endOf = (saga: SagaSeen) => saga.completed_at?.getTime() ?? Number.POSITIVE_INFINITY;
  return [...groupBy(refunds, ({ input }) => String(input['paymentId'])).values()].flatMap((same) => {
    const inOrder = same.toSorted((a, b) => startOf(a) - startOf(b));
    return inOrder.flatMap((saga, place) => {
      const before = inOrder[place - 1];
      if (!before || startOf(saga) + OVERLAP_MS >= endOf(before)) return [];
      const message = `It began while ${before.saga_id} worked on the same payment`;
      return [{ sagaId: saga.saga_id, rule: '1 one saga at a time works on a payment', message }];
    });
  });
}

const ended: Rule = ({ saga: { status, current_step: step } }) =>
  status === 'RUNNING' || status === 'COMPENSATING' ? [`It is still ${status}, at ${step}`] : [];

const hasOpenTask: Rule = ({ saga, steps, tasks }) => {
  const owed = steps.filter(({ status }) => status === 'COMPENSATION_FAILED');
  if (saga.status !== 'FAILED') return [];
  if (owed.length === 0) return ['It is FAILED and owes no step'];
  const isOpen = (step: string) =>
    tasks.some((task) => task.step === step && task.status === 'open' && task.kind !== 'LATE_RESULT');
  return owed.filter(({ name }) => !isOpen(name)).map(({ name }) => `${name} is owed, and no open task says so`);
};

/** What has to be in the history of a saga that ended so. */
const REASONS: Readonly<Record<string, RegExp>> = {
  COMPENSATED: /^step failed$/,
  TIMEOUT: /^saga turned back$/,
  CANCELLED: /^saga cancelled$/,
};

const hasReason: Rule = (known) => {
  const { saga, log } = known;
  const { status, ending, timeout_at: timeoutAt } = saga;
  if (status === 'COMPLETED') return refusals(known);
  const reason = REASONS[ending ?? ''];
  if (!reason) return status === 'FAILED' ? ['It is FAILED without an ending'] : [];
  if (!log.some(({ event }) => reason.test(event))) return [`It is ${status} (${ending}), and its log gives no reason`];
  const turned = log.findLast(({ event }) => event === 'saga turned back');
  if (ending !== 'TIMEOUT' || !turned || timeoutAt === null || turned.at >= timeoutAt) return [];
  return [`It was turned back at ${turned.at.toISOString()}, before its deadline ${timeoutAt.toISOString()}`];
};

/** What its request made impossible. */
function refusals({ saga: { input, definition } }: Case): readonly string[] {
  const { refusedAt, answer, planId, amount } = input;
  if (typeof refusedAt === 'string') return [`It is COMPLETED, though ${refusedAt} refuses`];
  if (answer === 'no' && definition.includes('ASK')) return ['It is COMPLETED, though the answer was no'];
  if (planId === 'plan-retired' || amount === 99.99) return ['It is COMPLETED, though the plan is not for sale so'];
  return [];
}

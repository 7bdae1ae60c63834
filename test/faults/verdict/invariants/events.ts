import type { Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { judgeCases, keyOf, rowOf, undoKeyOf } from './case.ts';

/** Group 3: an event is sent exactly when what it tells of was committed, and somebody heard it. */
export function judgeEvents(evidence: Evidence, cases: readonly Case[]): readonly Violation[] {
  const heard = new Set([
    ...evidence.consumed.map(({ key }) => key),
    ...evidence.lines.flatMap(({ what, key }) => (what === 'event' ? [key] : [])),
  ]);
  const sent = new Set(evidence.outbox.map(({ key }) => key));
  const invented = [...heard].filter((key) => !sent.has(key));
  return [
    ...judgeCases(cases, {
      '3 events tell what happened': eventsFit,
      '3 no event is lost': ({ outbox }) =>
        outbox.flatMap(({ key, relayed_at: relayedAt }) => {
          if (relayedAt === null) return [`${key} was never relayed`];
          return heard.has(key) ? [] : [`${key} was relayed at ${relayedAt.toISOString()}, and nobody heard it`];
        }),
    }),
    ...invented.map((key) => ({ sagaId: null, rule: '3 no event is made up', message: `${key} was never sent` })),
  ];
}

interface Due {
  readonly key: string;
  readonly due: boolean;
}

const eventsFit: Rule = (known) => {
  const due = known.saga.saga_type === 'PAYMENT_PURCHASE' ? purchaseEvents(known) : effectEvents(known);
  const expected = new Set(due.filter((event) => event.due).map(({ key }) => key));
  const sent = known.outbox.map(({ key }) => key);
  return [
    ...[...expected].filter((key) => !sent.includes(key)).map((key) => `${key} was never written`),
    ...sent.filter((key) => !expected.has(key)).map((key) => `${key} tells of what did not happen`),
  ];
};

/** The rows of the transactional steps were committed with their events. */
function effectEvents({ saga, effects }: Case): readonly Due[] {
  const wrote = (step: string, what: string) => effects.some((row) => row.step === step && row.what === what);
  const event = (step: string, what: string, name: string) => ({
    key: `${keyOf(saga.saga_id, step)}:${name}`,
    due: wrote(step, what),
  });
  return [
    event('ENTER', 'do', 'fault.entered'),
    event('ENTER', 'undo', 'fault.left'),
    event('ASK', 'ask', 'fault.asked'),
    event('ASK', 'undo', 'fault.withdrawn'),
    event('CLOSE', 'do', 'fault.closed'),
  ];
}

/** A request that was not answered leaves no other trace than its event: that one is due where its step is known. */
function purchaseEvents(known: Case): readonly Due[] {
  const { saga_id: id, status } = known.saga;
  const undone = (step: string) => rowOf(known, step)?.status === 'COMPENSATED';
  const request = `${keyOf(id, 'ALLOCATE_DEVICE')}:allocate.requested`;
  const answered = timesDone(known, 'ALLOCATE_DEVICE') || known.outbox.some(({ key }) => key === request);
  return [
    { key: request, due: answered },
    { key: `${undoKeyOf(id, 'ALLOCATE_DEVICE')}:release`, due: undone('ALLOCATE_DEVICE') },
    { key: `${undoKeyOf(id, 'CREATE_ORDER')}:order.cancelled`, due: undone('CREATE_ORDER') },
    { key: `${keyOf(id, 'ACTIVATE_ORDER')}:order.completed`, due: status === 'COMPLETED' },
    { key: `${keyOf(id, 'ACTIVATE_ORDER')}:notification.send`, due: status === 'COMPLETED' },
  ];
}

const timesDone = ({ changes }: Case, step: string) =>
  changes.some((change) => change.step === step && change.after === 'DONE');

import type { Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { hasEnded, judgeCases } from './case.ts';

/** Group 3: a parked saga goes on by the word of a person, and does what that word means. */
export function judgeDesk({ groupRetries }: Evidence, cases: readonly Case[]): readonly Violation[] {
  return [
    ...judgeCases(cases, {
      '3 a parked saga goes on by a word that says so': byWord,
      '3 nothing runs on once something was undone': forwardWhole,
      '1 an ended saga leaves no task open': closedTasks,
    }),
    ...groupRetries
      .filter(({ total, retried, skipped, finished_at: at }) => at === null || retried + skipped !== total)
      .map(({ fingerprint, total, retried, skipped }) => ({
        sagaId: null,
        rule: '1 the retry of a group comes to its end',
        message: `Of ${total} tasks of ${fingerprint}, ${retried} were retried and ${skipped} passed over`,
      })),
  ];
}

/** What a saga becomes by each word, as far as it is not undone by it. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'sent forward': ['RUNNING', 'COMPLETED'],
  'done by hand': ['RUNNING', 'COMPLETED'],
  'saga abandoned': ['ABANDONED'],
  'compensation retried': ['COMPENSATING'],
  'undone by hand': ['COMPENSATING', 'FAILED', 'COMPENSATED', 'TIMEOUT', 'CANCELLED'],
};
/** To stay parked is no way: of a saga that goes on, one of two debts may be settled. */
const isWay = (status: string | null) => status !== 'FAILED';

const byWord: Rule = ({ changes, log }) => {
  const words = log.filter(({ event, actor }) => event in WORDS && actor !== null);
  const ways = changes.filter(({ step, before, after }) => step === null && before === 'FAILED' && isWay(after));
  const kinds: readonly (readonly string[])[] = [['RUNNING', 'COMPLETED'], ['ABANDONED'], ENDS_OF_UNDOING];
  return kinds.flatMap((statuses) => {
    const went = ways.filter(({ after }) => statuses.includes(after ?? '')).length;
    const said = words.filter(({ event }) => statuses.some((status) => WORDS[event]?.includes(status))).length;
    return went > said ? [`It went from FAILED to ${statuses.join(' or ')} ${went} times, by ${said} words`] : [];
  });
};

const ENDS_OF_UNDOING = ['COMPENSATING', 'COMPENSATED', 'TIMEOUT', 'CANCELLED'];

/** When it is sent on, nothing of it was undone: a step run again would find its effect, and take it for there. */
const forwardWhole: Rule = ({ changes }) =>
  changes.flatMap(({ step, before, after }, place) => {
    if (step !== null || before !== 'FAILED' || (after !== 'RUNNING' && after !== 'COMPLETED')) return [];
    const undone = changes.slice(0, place).filter((change) => change.step !== null && change.after === 'COMPENSATED');
    return undone.map((change) => `It became ${after}, and ${change.step} was undone`);
  });

const closedTasks: Rule = ({ saga, tasks }) => {
  if (!hasEnded(saga)) return [];
  return tasks
    .filter(({ status, kind }) => status === 'open' && kind !== 'LATE_RESULT')
    .map(({ step, kind }) => `It is ${saga.status}, and ${kind} of ${step} is open`);
};

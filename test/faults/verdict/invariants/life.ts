import type { ChangeSeen } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { judgeCases } from './case.ts';
import { undoOf } from './shapes.ts';

/** Group 3: how a saga's record went on, change by change, and not only how it is at the end. */
export function judgeLives(cases: readonly Case[]): readonly Violation[] {
  return judgeCases(cases, {
    '3 a saga ends once, and never changes again': sagaChanges,
    '3 a step goes on only': stepChanges,
    '3 compensations run newest first': newestFirst,
    '3 a step fails no more often than it may': ({ log }) =>
      log
        .filter(({ event, attempt }) => event === 'attempt failed' && (attempt ?? 0) > MOST_ATTEMPTS)
        .map(({ step, attempt }) => `${step} failed at its attempt ${attempt}`),
  });
}

/** All steps of the suite's sagas and of the billing's have this many. */
const MOST_ATTEMPTS = 3;

const SAGA_WAYS: Readonly<Record<string, readonly string[]>> = {
  RUNNING: ['RUNNING', 'COMPENSATING', 'COMPLETED', 'COMPENSATED', 'TIMEOUT', 'CANCELLED'],
  COMPENSATING: ['COMPENSATING', 'FAILED', 'COMPENSATED', 'TIMEOUT', 'CANCELLED'],
  FAILED: ['FAILED', 'COMPENSATING', 'COMPENSATED', 'TIMEOUT', 'CANCELLED', 'RUNNING', 'COMPLETED', 'ABANDONED'],
};

/** From `none`: the step's row is new. A step with nothing to undo may be settled with what turned its saga back. */
const STEP_WAYS: Readonly<Record<string, readonly string[]>> = {
  none: ['DONE', 'FAILED', 'UNKNOWN', 'COMPENSATED'],
  DONE: ['DONE', 'COMPENSATED', 'COMPENSATION_FAILED'],
  UNKNOWN: ['UNKNOWN', 'COMPENSATED', 'COMPENSATION_FAILED'],
  COMPENSATION_FAILED: ['COMPENSATION_FAILED', 'DONE', 'UNKNOWN', 'COMPENSATED'],
  COMPENSATED: ['COMPENSATED'],
};

const tell = ({ step, before, after, at, who }: ChangeSeen) =>
  `${step ?? 'saga'}: ${before ?? 'none'} -> ${after ?? 'deleted'} at ${at.toISOString()} by ${who}`;

const sagaChanges: Rule = ({ changes }) =>
  changes
    .filter(({ step }) => step === null)
    .flatMap((change, place, all) => {
      const { before, after, generation_before: was, generation_after: is } = change;
      const wrong: string[] = [];
      if (before !== (all[place - 1]?.after ?? 'RUNNING')) wrong.push(`It was not ${before} any more: ${tell(change)}`);
      if (!(SAGA_WAYS[before ?? ''] ?? []).includes(after ?? '')) wrong.push(tell(change));
      if (is !== null && was !== null && is < was) wrong.push(`Generation ${was} -> ${is}: ${tell(change)}`);
      const { steps_done_before: had, steps_done_after: has } = change;
      if (has !== null && had !== null && has < had) wrong.push(`Steps done ${had} -> ${has}: ${tell(change)}`);
      return wrong;
    });

/** After its saga's end nothing of a step changes; what the saga's end itself changes comes in the same transaction. */
const stepChanges: Rule = ({ saga, changes }) =>
  changes
    .filter(({ step }) => step !== null)
    .flatMap((change) => {
      const ways = STEP_WAYS[change.before ?? 'none'] ?? [];
      if (!ways.includes(change.after ?? '')) return [tell(change)];
      if (isAfterEnd(changes, change)) return [`After its saga's end: ${tell(change)}`];
      const settled = change.before === null && change.after === 'COMPENSATED';
      return settled && undoOf(saga.saga_type, change.step ?? '') !== 'nothing' ? [tell(change)] : [];
    });

function isAfterEnd(changes: readonly ChangeSeen[], change: ChangeSeen): boolean {
  const end = changes.findIndex(({ step, after }) => step === null && !(after !== null && after in SAGA_WAYS));
  return end !== -1 && changes.indexOf(change) > end && changes[end]?.tx !== change.tx;
}

/** Walks through the changes: when a step is undone, no later one may still be to undo. One whose compensation had failed
 *  is a debt, which a saga that goes on leaves behind. */
const newestFirst: Rule = (known) => {
  const now = new Map<number, ChangeSeen>();
  const wrong: string[] = [];
  for (const change of known.changes) {
    if (change.step === null || change.step_index === null) continue;
    if (isUndo(known, change))
      for (const [index, later] of now)
        if (index > change.step_index && isToUndo(known, later))
          wrong.push(`${change.step} was undone while ${later.step} was ${later.after}`);
    now.set(change.step_index, change);
  }
  return wrong;
};

/** Those that undo the rest although a compensation has failed. */
const GOES_ON = new Set(['EVERY_KIND_ON', 'BY_HAND']);

const isUndo = ({ saga }: Case, { step, after, before }: ChangeSeen) =>
  after === 'COMPENSATED' && before !== after && undoOf(saga.saga_type, step ?? '') !== 'nothing';

function isToUndo({ saga }: Case, { step, after }: ChangeSeen): boolean {
  if (undoOf(saga.saga_type, step ?? '') === 'nothing') return false;
  if (after === 'COMPENSATION_FAILED') return !GOES_ON.has(saga.saga_type);
  return after === 'DONE' || after === 'UNKNOWN';
}

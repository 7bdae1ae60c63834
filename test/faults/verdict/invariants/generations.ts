import type { ChangeSeen } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { judgeCases } from './case.ts';
import { stepsWhich, undoOf } from './shapes.ts';

/** The clocks are one; their digits are cut off in different places. */
const ROUNDING_MS = 2;

/**
 * Group 3: once a saga's flow was replaced, only the new one speaks for it. A record that was made since then needs a whole
 * run before it that began since then too: leave to run was given to the new generation only.
 */
export function judgeGenerations(cases: readonly Case[]): readonly Violation[] {
  return judgeCases(cases, { '3 a record is made by a run of its own generation': ownRuns });
}

const ownRuns: Rule = (known) =>
  known.changes.flatMap((change) => {
    const run = runOf(known, change);
    if (run === undefined) return [];
    const replacedMs = replacedBefore(known, change);
    if (replacedMs === undefined || isWithin(known, change, run, replacedMs)) return [];
    const times = `${change.at.toISOString()}, its flow was replaced at ${new Date(replacedMs).toISOString()}`;
    return [`${change.step} became ${change.after} at ${times}, and no run of it began in between and came to its end`];
  });

interface Run {
  readonly begin: 'begin' | 'undo-begin';
  /** What ends it in the ledger; undefined where its beginning is all that shows. */
  readonly ends: readonly string[] | undefined;
}

/** What the ledger heard of the run that made a record. Undefined where it hears nothing of it: a person undid the step, or
 *  a waiting step took its answer. */
function runOf({ saga, log }: Case, { step, before, after }: ChangeSeen): Run | undefined {
  const acts = (['ledger', 'rows', 'not'] as const).find((kind) =>
    stepsWhich(saga.saga_type, kind).includes(step ?? ''),
  );
  if (acts === undefined || before === after || saga.saga_type.startsWith('PAYMENT')) return undefined;
  if (after === 'DONE' && before === null)
    return { begin: 'begin', ends: acts === 'ledger' ? ['do', 'settle'] : undefined };
  if (after !== 'COMPENSATED' || undoOf(saga.saga_type, step ?? '') !== 'auto') return undefined;
  if (log.some((entry) => entry.step === step && entry.event === 'undone by hand')) return undefined;
  return { begin: 'undo-begin', ends: acts === 'ledger' ? ['undo'] : undefined };
}

/** When the saga got the generation that it had at the change; undefined if it still had its first. */
function replacedBefore({ changes }: Case, change: ChangeSeen): number | undefined {
  return changes
    .slice(0, changes.indexOf(change))
    .findLast(({ step, generation_before: was, generation_after: is }) => step === null && was !== is)
    ?.at.getTime();
}

function isWithin({ lines }: Case, { step, at }: ChangeSeen, { begin, ends }: Run, fromMs: number): boolean {
  const own = lines.filter((line) => line.step === step && line.atMs <= at.getTime() + ROUNDING_MS);
  const begun = own.filter((line) => line.what === begin && line.atMs >= fromMs - ROUNDING_MS);
  if (ends === undefined) return begun.length > 0;
  return begun.some(({ pid, n }) =>
    own.some((line) => line.pid === pid && line.n > n && ends.includes(line.what) && line.outcome !== 'unavailable'),
  );
}

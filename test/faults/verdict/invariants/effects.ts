import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { expectationOf, isUndone, judgeCases, keyOf, rowOf } from './case.ts';
import { stepsWhich } from './shapes.ts';

/** Group 3: what the steps did outside and in the database is there once, or is gone without a trace. */
export function judgeEffects(cases: readonly Case[]): readonly Violation[] {
  return judgeCases(cases, {
    '3 a step acts under one key': oneKey,
    '3 an effect is there once, or not at all': effectsOutside,
    '3 what was begun and undone can never act': closedKeys,
    '3 a step is FAILED only with proof': provenFailures,
    '3 a transaction is there once, or not at all': effectsInside,
    '3 a request is made once, and withdrawn': requests,
    '3 no old generation is let through': ({ lines }) =>
      lines.flatMap(({ what, key, step }) =>
        what === 'stale' ? [`${key} had the fence let it through at ${step}`] : [],
      ),
  });
}

const ledgerSteps = (known: Case) => stepsWhich(known.saga.saga_type, 'ledger');
const askSteps = (known: Case) => stepsWhich(known.saga.saga_type, 'asks');

const oneKey: Rule = ({ saga, lines }) => {
  const strange = lines.filter(
    ({ what, key, step }) => what !== 'event' && what !== 'stale' && key !== keyOf(saga.saga_id, step),
  );
  return strange.map(({ what, key, step }) => `${what} of ${step} was called ${key}`);
};

const effectsOutside: Rule = (known) =>
  [...ledgerSteps(known), ...askSteps(known)].flatMap((step) => {
    const { done, closed } = outsideOf(known, step);
    const expected = expectationOf(known, step);
    if (done > 1) return [`${step} was done ${done} times`];
    const stands = done === 1 && !closed;
    if (expected === 'present' && !stands) return [`The effect of ${step} must stand, and does not`];
    return expected === 'absent' && stands ? [`The effect of ${step} must be gone, and stands`] : [];
  });

/** How often a step took effect in the ledger, and whether its key is used up. */
function outsideOf({ saga, lines }: Case, step: string): { readonly done: number; readonly closed: boolean } {
  const own = lines.filter(({ key }) => key === keyOf(saga.saga_id, step));
  return {
    done: own.filter(({ what, outcome }) => what === 'do' && outcome === 'done').length,
    closed: own.some(({ outcome }) => outcome === 'undone' || outcome === 'voided'),
  };
}

/** A step that was begun may act later than anybody looks. Only proof that it did not, or its undo, ends that. */
const closedKeys: Rule = (known) => {
  const { status: end } = known.saga;
  if (!isUndone(known.saga) && end !== 'FAILED' && end !== 'ABANDONED') return [];
  return ledgerSteps(known).flatMap((step) => {
    const status = rowOf(known, step)?.status;
    if (expectationOf(known, step) !== 'absent' || status === 'FAILED') return [];
    if (outsideOf(known, step).closed) return [];
    if (status === 'COMPENSATED') return [`${step} is COMPENSATED, and its key is open`];
    const open = runsWithoutProof(known, step);
    return open > 0
      ? [`${step} is ${status ?? 'SKIPPED'}, ${open} of its runs may have acted, and its key is open`]
      : [];
  });
};

/** Each run of a failed step was refused, or turned away by the ledger; or the ledger was asked, and voided the key. */
const provenFailures: Rule = (known) =>
  ledgerSteps(known).flatMap((step) => {
    if (rowOf(known, step)?.status !== 'FAILED' || outsideOf(known, step).closed) return [];
    const open = runsWithoutProof(known, step);
    return open > 0 ? [`${step} is FAILED, and ${open} of its runs may have acted`] : [];
  });

/** Runs of which nobody knows that they did nothing: they neither refused nor were turned away. */
function runsWithoutProof({ saga, lines }: Case, step: string): number {
  if (saga.input['refusedAt'] === step) return 0;
  const own = lines.filter((line) => line.step === step);
  const begun = own.filter(({ what }) => what === 'begin').length;
  return begun - own.filter(({ what, outcome }) => what === 'do' && outcome === 'unavailable').length;
}

const countOf = ({ effects }: Case, step: string, what: string) =>
  effects.filter((row) => row.step === step && row.what === what).length;

const effectsInside: Rule = (known) =>
  stepsWhich(known.saga.saga_type, 'rows').flatMap((step) => {
    const [done, undone] = [countOf(known, step, 'do'), countOf(known, step, 'undo')];
    const found = [`${step} has ${done} rows of doing and ${undone} of undoing; it is ${rowOf(known, step)?.status}`];
    if (done > 1 || undone > done) return found;
    switch (expectationOf(known, step)) {
      case 'present':
        return done === 1 && undone === 0 ? [] : found;
      case 'absent':
        return done === undone && (rowOf(known, step)?.status === 'COMPENSATED' || done === 0) ? [] : found;
      default:
        return [];
    }
  });

/** In doubt, an undo may withdraw what was never asked; what was asked is never left standing. */
const requests: Rule = (known) =>
  askSteps(known).flatMap((step) => {
    const [asked, done, undone] = ['ask', 'do', 'undo'].map((what) => countOf(known, step, what)) as [
      number,
      number,
      number,
    ];
    const status = rowOf(known, step)?.status;
    const found = [`${step} asked ${asked}, took ${done} and withdrew ${undone} times; it is ${status}`];
    if (asked > 1 || undone > 1 || done > asked) return found;
    switch (expectationOf(known, step)) {
      case 'present':
        return asked === 1 && done === 1 && undone === 0 ? [] : found;
      case 'absent':
        return undone === (status === 'COMPENSATED' ? 1 : 0) && (status !== undefined || asked === 0) ? [] : found;
      default:
        return [];
    }
  });

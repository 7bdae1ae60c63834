import type { SagaDefinition, StepDefinition } from '../core/definition.ts';
import type { CallKind, Fault, FaultKind } from './fault.ts';
import { kindsOf } from './fault.ts';

/** Faults that strike the first call, or all of them. */
const REPEATED: readonly FaultKind[] = [
  'throws',
  'throws-after',
  'times-out',
  'times-out-after',
  'acts-late',
  'dies',
  'dies-after',
];

/**
 * Every place at which a saga can fail: for each call of each step each fault it can have, once, and each time where it could
 * strike again. Faults of an undo come with what turns the saga back, those of `verify` with what makes the engine ask.
 */
export function failurePoints(definition: SagaDefinition): readonly (readonly Fault[])[] {
  return definition.steps.flatMap((step) => [
    ...faultsOf(step, 'do').map((fault) => [fault]),
    ...faultsOf(step, 'accept').map((fault) => [fault]),
    ...faultsOf(step, 'verify').map((fault) => [...inDoubt(step), fault]),
    ...turningBack(definition, step).flatMap((causes) => faultsOf(step, 'undo').map((fault) => [...causes, fault])),
  ]);
}

/** Every two failure points together; in both orders where they strike the same calls, of which the first has the first. */
export function failurePairs(definition: SagaDefinition): readonly (readonly Fault[])[] {
  const points = failurePoints(definition);
  return points.flatMap((first, index) =>
    points.flatMap((second, other) => (index < other || meet(first, second) ? [[...first, ...second]] : [])),
  );
}

function meet(first: readonly Fault[], second: readonly Fault[]): boolean {
  return first.some(({ step, call = 'do' }) =>
    second.some((fault) => fault.step === step && (fault.call ?? 'do') === call),
  );
}

function faultsOf(step: StepDefinition, call: CallKind): readonly Fault[] {
  return kindsOf(step, call).flatMap((kind): readonly Fault[] => {
    // That says that the request was not served, when it was: only the author's own code can know.
    if (call === 'accept' && kind === 'refuses') return [];
    const fault = { step: step.name, call, kind };
    return REPEATED.includes(kind) ? [fault, { ...fault, times: Number.POSITIVE_INFINITY }] : [fault];
  });
}

/** Each attempt acts, and none is heard of. */
function inDoubt({ name }: StepDefinition): readonly Fault[] {
  return [{ step: name, kind: 'times-out-after', times: Number.POSITIVE_INFINITY }];
}

/** Ways in which the step comes to be undone: done, by a later step's failure; and in doubt. */
function turningBack({ steps }: SagaDefinition, step: StepDefinition): readonly (readonly Fault[])[] {
  const last = steps.at(-1);
  const done: readonly Fault[][] = last && last !== step ? [[{ step: last.name, kind: 'refuses' }]] : [];
  return step.kind === 'step' ? [...done, inDoubt(step)] : done;
}

import type { Registry } from '../core/registry.ts';

/** What a type or step is called that this process has no code for: the values of a label are as many as its sagas' names. */
const OTHER = 'other';

/** A type, for an interface would be no record to prom-client. */
export type StepLabels = Readonly<Record<'type' | 'step', string>>;

/** Bounded values for the labels `type` and `step`. */
export interface Labels {
  readonly types: readonly string[];
  readonly steps: readonly StepLabels[];
  ofType(type: string): string;
  ofStep(of: StepLabels): StepLabels;
}

export function boundedLabels(registry: Registry): Labels {
  const known = new Map([...registry].map(([type, { steps }]) => [type, new Set(steps.map(({ name }) => name))]));
  return {
    types: [...known.keys()],
    steps: [...known].flatMap(([type, steps]) => [...steps].map((step) => ({ type, step }))),
    ofType: (type) => (known.has(type) ? type : OTHER),
    ofStep: ({ type, step }) => ({
      type: known.has(type) ? type : OTHER,
      step: known.get(type)?.has(step) === true ? step : OTHER,
    }),
  };
}

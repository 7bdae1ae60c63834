import type { Fault } from './fault.ts';
import { describeFault } from './fault.ts';
import type { Rehearsal } from './rehearse.ts';
import type { Call } from './stage.ts';

/** What a saga has in effect, by name: amounts, states, counts; no ids or times that differ from one run to the next. */
export type Effects = Readonly<Record<string, unknown>>;

/** What a saga came to under faults. */
export interface FailureOutcome {
  readonly faults: readonly Fault[];
  readonly rehearsal: Rehearsal;
  readonly effects: Effects;
  /** What is wrong with it, a sentence each; empty where nothing is. */
  readonly findings: readonly string[];
}

/** So many failure points are told in full, and so many more by their faults. */
const TOLD = 3;
const NAMED = 20;

/** At some failure points a saga's effects are neither all there nor all gone. The message tells where and how. */
export class AllOrNothingError extends Error {
  override readonly name = 'AllOrNothingError';
  /** Those with findings, of the fewest faults first. */
  readonly outcomes: readonly FailureOutcome[];

  constructor(type: string, all: readonly FailureOutcome[]) {
    // What a single fault can do explains most of what several can.
    const outcomes = all
      .filter(({ findings }) => findings.length > 0)
      .sort((a, b) => a.faults.length - b.faults.length);
    const more = outcomes.slice(TOLD).map(({ faults }) => `  ${faults.map(describeFault).join(' + ')}`);
    const parts = [
      `${type}: at ${outcomes.length} of ${all.length} failure points the effects are neither all there nor all gone`,
      ...outcomes.slice(0, TOLD).map(describeOutcome),
      ...(more.length > 0 ? [`And:\n${more.slice(0, NAMED).join('\n')}`] : []),
      ...(more.length > NAMED ? [`And ${more.length - NAMED} more`] : []),
    ];
    super(parts.join('\n\n'));
    this.outcomes = outcomes;
  }
}

function describeOutcome({ faults, rehearsal, findings }: FailureOutcome): string {
  return [
    `${faults.map(describeFault).join(' + ')}: the saga is ${rehearsal.status}, but`,
    ...findings.map((finding) => `  ${finding}`),
    describeRehearsal(rehearsal),
  ].join('\n');
}

/** What was called, and what is left to a person: a line each. */
export function describeRehearsal({ calls, tasks, status, error }: Rehearsal): string {
  return [
    ...calls.map((call, index) => `  ${String(index + 1).padStart(3)}. ${describeCall(call)}`),
    `  then: ${status}${error === null ? '' : ` (${error})`}`,
    ...tasks.map(({ step, kind, message }) => `  task: ${step} ${kind}: ${message}`),
  ].join('\n');
}

function describeCall({ step, kind, attempt, came, error, fault, acted }: Call): string {
  const what = kind === 'do' ? step : `${kind} of ${step}`;
  const why = error === undefined ? '' : `: ${error}`;
  const struck = fault === undefined ? '' : ` [${fault}${acted ? ', has acted' : ', did not act'}]`;
  return `${what}, attempt ${attempt}: ${came}${why}${struck}`;
}

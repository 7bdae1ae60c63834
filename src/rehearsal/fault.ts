import type { SagaDefinition, StepDefinition } from '../core/definition.ts';

/** What is called of a step's code: `do` is `execute`, or the `request` of a waiting step; `accept` takes its answer. */
export type CallKind = 'do' | 'accept' | 'verify' | 'undo';

/**
 * What goes wrong at a call. "After": the code has run, and its effect took place where it writes outside the saga's database.
 *
 * throws            an error instead of the effect
 * throws-after      the effect, then an error
 * refuses           a `TerminalError` instead of the effect
 * times-out         no answer, and no effect
 * times-out-after   the effect, and no answer
 * acts-late         no answer in time; the effect takes place once the saga has ended
 * dies              the process dies between check-in and effect
 * dies-after        the process dies between effect and record
 * dies-recorded     the process dies between record and the end of its job
 * cancelled-before  the saga is cancelled before the step begins
 * cancelled         the saga is cancelled while the step runs; the effect does not take place
 * cancelled-after   the saga is cancelled between effect and record
 * overdue-before, overdue, overdue-after
 *                   the same with the saga's deadline, the step's process having died
 * unanswered        nobody serves the request of a waiting step
 * answer-lost       it is served, and its answer never comes
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

export const FAULT_KINDS = [
  'throws',
  'throws-after',
  'refuses',
  'times-out',
  'times-out-after',
  'acts-late',
  'dies',
  'dies-after',
  'dies-recorded',
  'cancelled-before',
  'cancelled',
  'cancelled-after',
  'overdue-before',
  'overdue',
  'overdue-after',
  'unanswered',
  'answer-lost',
] as const;

/** One thing that goes wrong in a rehearsal. */
export interface Fault {
  readonly step: string;
  readonly kind: FaultKind;
  /** Default `do`. */
  readonly call?: CallKind;
  /** How many of the calls it strikes, from the first on that no earlier fault of the list strikes. Default 1;
   *  `Infinity`: all of them. */
  readonly times?: number;
}

const ONCE = ['throws', 'throws-after', 'refuses', 'times-out', 'times-out-after', 'dies', 'dies-after'] as const;
const TURNED_BACK = ['cancelled-before', 'cancelled-after', 'overdue-before', 'overdue-after'] as const;

/** The kinds that make sense for a call of the step. */
export function kindsOf(step: StepDefinition, call: CallKind): readonly FaultKind[] {
  switch (call) {
    case 'do':
      return doKindsOf(step);
    case 'accept':
      return step.kind === 'wait' ? [...ONCE, 'dies-recorded'] : [];
    case 'undo':
      return typeof step.compensate === 'function' ? [...ONCE, 'dies-recorded'] : [];
    case 'verify':
      return step.kind === 'step' && step.verify ? ONCE : [];
    default:
      return call satisfies never;
  }
}

function doKindsOf({ kind }: StepDefinition): readonly FaultKind[] {
  switch (kind) {
    case 'step':
      return [...ONCE, 'acts-late', 'dies-recorded', ...TURNED_BACK, 'cancelled', 'overdue'];
    case 'transaction':
      return [...ONCE, 'dies-recorded', ...TURNED_BACK];
    case 'wait':
      return [...ONCE, 'dies-recorded', ...TURNED_BACK, 'cancelled', 'overdue', 'unanswered', 'answer-lost'];
    default:
      return kind satisfies never;
  }
}

/** Throws a `RangeError` for a fault that could never strike: a rehearsal with it would prove nothing. */
export function checkFault(definition: SagaDefinition, fault: Fault): void {
  const { step: name, call = 'do', kind, times = 1 } = fault;
  const step = definition.steps.find((candidate) => candidate.name === name);
  if (!step) throw new RangeError(`Fault ${describeFault(fault)}: saga ${definition.type} has no step ${name}`);
  const kinds = kindsOf(step, call);
  if (!kinds.includes(kind))
    throw new RangeError(
      `Fault ${describeFault(fault)}: ${call} of ${name} can have ${kinds.length === 0 ? 'no fault' : kinds.join(', ')}`,
    );
  if (times !== Number.POSITIVE_INFINITY && (!Number.isSafeInteger(times) || times < 1))
    throw new RangeError(`Fault ${describeFault(fault)}: times must be at least 1, got ${times}`);
}

/** Such as `CHARGE throws-after, each time`. */
export function describeFault({ step, kind, call = 'do', times = 1 }: Fault): string {
  const what = call === 'do' ? step : `${call} of ${step}`;
  const often = times === 1 ? '' : times === Number.POSITIVE_INFINITY ? ', each time' : `, ${times} times`;
  return `${what} ${kind}${often}`;
}

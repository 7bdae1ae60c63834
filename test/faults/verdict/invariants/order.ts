import type { LedgerLine } from '../../sagas/ledger-book.ts';
import type { Violation } from '../../types.ts';
import type { Case, Rule } from './case.ts';
import { judgeCases } from './case.ts';
import { undoOf } from './shapes.ts';

/** From the leave to run until the ledger hears of it, on a busy machine, in milliseconds. */
const LAG_MS = 2_500;
/** The clocks are one; their digits are cut off in different places. */
const ROUNDING_MS = 2;

/** Group 3: no code of a step runs when it must not. Seen from outside, against the times of the records. */
export function judgeOrder(cases: readonly Case[]): readonly Violation[] {
  return judgeCases(cases, {
    '3 steps begin one after the other': forwardOrder,
    '3 nothing begins once the saga has stopped running': lateBegins,
    '3 nothing runs again once it is recorded': repeats,
    '3 nothing is undone while the saga runs': earlyUndos,
    '3 an undo begins when all later steps are undone': undoOrder,
  });
}

const beginsOf = ({ lines }: Case, what: 'begin' | 'undo-begin') => lines.filter((line) => line.what === what);

/** When a step first became so; undefined if never. */
function timeOf({ changes }: Case, step: string, after: string): number | undefined {
  return changes.find((change) => change.step === step && change.after === after)?.at.getTime();
}

/** When the saga ended or turned back, as it stood at a time; Infinity where it ran. A person may have sent it on since. */
function stoppedAtMs({ changes }: Case, atMs: number): number {
  const last = changes.findLast(
    ({ step, before, after, at }) =>
      step === null && (before === 'RUNNING') !== (after === 'RUNNING') && at.getTime() <= atMs + ROUNDING_MS,
  );
  return last === undefined || last.after === 'RUNNING' ? Number.POSITIVE_INFINITY : last.at.getTime();
}

/** A process that was frozen or cut off got its leave in time, and acted on it late. */
function isExcused({ impaired }: Case, { pid, atMs }: LedgerLine, dueMs: number): boolean {
  return impaired.some((each) => {
    const concerned = each.pid === 0 || each.pid === pid;
    return concerned && each.fromMs <= atMs && each.toMs >= dueMs - LAG_MS;
  });
}

const isLate = (known: Case, line: LedgerLine, dueMs: number) =>
  line.atMs > dueMs + LAG_MS && !isExcused(known, line, dueMs);

const tell = ({ what, step, atMs, pid }: LedgerLine) =>
  `${what} of ${step} at ${new Date(atMs).toISOString()} by process ${pid}`;

const forwardOrder: Rule = (known) =>
  beginsOf(known, 'begin').flatMap((line) => {
    const index = known.saga.definition.indexOf(line.step);
    const before = known.saga.definition[index - 1];
    if (before === undefined) return [];
    const doneMs = timeOf(known, before, 'DONE');
    return doneMs !== undefined && line.atMs >= doneMs - ROUNDING_MS
      ? []
      : [`${tell(line)}, and ${before} was not done`];
  });

const lateBegins: Rule = (known) =>
  beginsOf(known, 'begin').flatMap((line) => {
    const dueMs = stoppedAtMs(known, line.atMs);
    return isLate(known, line, dueMs)
      ? [`${tell(line)}, and it stopped running at ${new Date(dueMs).toISOString()}`]
      : [];
  });

const repeats: Rule = (known) =>
  [...beginsOf(known, 'begin'), ...beginsOf(known, 'undo-begin')].flatMap((line) => {
    const after = line.what === 'begin' ? 'DONE' : 'COMPENSATED';
    const dueMs = timeOf(known, line.step, after);
    return dueMs !== undefined && isLate(known, line, dueMs) ? [`${tell(line)}, and it was ${after} by then`] : [];
  });

const earlyUndos: Rule = (known) =>
  beginsOf(known, 'undo-begin')
    .filter((line) => known.saga.status === 'COMPLETED' || stoppedAtMs(known, line.atMs) === Number.POSITIVE_INFINITY)
    .map(tell);

/** A later step whose compensation failed is a debt: of a saga that goes on, older ones are undone before it. */
const undoOrder: Rule = (known) =>
  beginsOf(known, 'undo-begin').flatMap((line) => {
    const index = known.saga.definition.indexOf(line.step);
    return known.saga.definition
      .slice(index + 1)
      .filter((later) => undoOf(known.saga.saga_type, later) !== 'nothing')
      .filter((later) => timeOf(known, later, 'COMPENSATION_FAILED') === undefined)
      .filter((later) => isOpenAt(known, later, line.atMs))
      .map((later) => `${tell(line)}, and ${later} was not undone`);
  });

function isOpenAt(known: Case, step: string, atMs: number): boolean {
  const acted = timeOf(known, step, 'DONE') ?? timeOf(known, step, 'UNKNOWN');
  if (acted === undefined) return false;
  return (timeOf(known, step, 'COMPENSATED') ?? Number.POSITIVE_INFINITY) > atMs + ROUNDING_MS;
}

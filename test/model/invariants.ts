import { isToUndo } from '../../src/core/decide.ts';
import { isTerminal } from '../../src/core/status.ts';
import type { Transition } from './model.ts';
import type { Row, Run, State } from './state.ts';
import { at } from './state.ts';

/** What the state breaks, in words; undefined if nothing. */
export function brokenBy(state: State): string | undefined {
  const { row, world } = state;
  const { status, steps } = row.record;
  for (const [index, step] of steps.entries()) {
    const effect = at(world.effects, index);
    if (at(world.times, index) > 1) return `${step.name} took effect twice`;
    const isUndone = isTerminal(status) && status !== 'COMPLETED' && status !== 'ABANDONED';
    if (isUndone && step.undo !== 'nothing' && effect === 'done')
      return `saga is ${status}, and ${step.name} is not undone`;
    if (status === 'COMPLETED' && effect !== 'done') return `saga is COMPLETED, and ${step.name} is ${effect}`;
    if (status === 'RUNNING' && effect === 'undone') return `${step.name} is undone while its saga runs`;
    const owed = step.status === 'COMPENSATION_FAILED';
    if (status !== 'ABANDONED' && owed !== at(row.openTasks, index) > 0)
      return `the debt of ${step.name} and its task disagree`;
  }
  const debts = steps.some((step) => step.status === 'COMPENSATION_FAILED');
  if (status === 'ABANDONED') return row.openTasks.some((open) => open > 0) ? 'a task outlives its saga' : undefined;
  if (status === 'FAILED' && !debts) return 'saga is parked without a debt';
  return debts && (isTerminal(status) || status === 'RUNNING') ? `saga is ${status} with a debt` : undefined;
}

/** What the transition breaks, in words; undefined if nothing. */
export function brokenByMove(before: State, move: Transition): string | undefined {
  const { next, generation, begins, undoes, parks } = move;
  const { status } = before.row.record;
  const isOld = generation !== undefined && generation < before.row.record.generation;
  if (isOld && !saysTheSame(before.row, next.row)) return `a flow that was replaced, g${generation}, changed the row`;
  if (isTerminal(status) && next.row.record.status !== status) return `the ended saga became ${next.row.record.status}`;
  if (begins !== undefined && status !== 'RUNNING') return `a step began in a saga that is ${status}`;
  if (begins !== undefined && before.row.record.steps.some((step) => step.status === 'COMPENSATED'))
    return 'a step began in a saga of which another was undone';
  if (next.row.record.status === 'ABANDONED' && status !== 'FAILED' && status !== 'ABANDONED')
    return `a saga that was ${status} is abandoned`;
  const resumed = status === 'FAILED' && next.row.record.status !== 'FAILED';
  const asked = undoes !== undefined && at(before.jobs, undoes).asked;
  if (resumed && !asked && next.resolutionsLeft === before.resolutionsLeft) return 'a parked saga went on by itself';
  if (parks && before.runs.some((run) => isNewerUndo(run, parks)))
    return 'a compensation was given up by a run that is not the newest';
  return undoes === undefined ? undefined : brokenOrder(before, next, undoes);
}

/** Told by what operators did before it began, too: the numbers of check-ins are the protocol's own. */
function isNewerUndo(run: Run, than: Run): boolean {
  if (run.job !== 'compensation' || run.checkIn === 0 || run.step !== than.step || run.generation !== than.generation)
    return false;
  if (run.resolutionsLeft !== than.resolutionsLeft) return run.resolutionsLeft < than.resolutionsLeft;
  return run.checkIn > than.checkIn;
}

function brokenOrder(before: State, next: State, undoes: number): string | undefined {
  const { status } = before.row.record;
  const { steps, onCompensationFailure } = next.row.record;
  if (isTerminal(status) || status === 'RUNNING') return `a compensation began in a saga that is ${status}`;
  const later = before.row.record.steps.slice(undoes + 1);
  const owed = later.find(
    (step) => isToUndo(step) || (onCompensationFailure === 'stop' && step.status === 'COMPENSATION_FAILED'),
  );
  return owed && `${at(steps, undoes).name} is undone before ${owed.name}`;
}

/** All but the count of answers of compensations: a run that did not begin says so whatever became of its flow. */
function saysTheSame(one: Row, other: Row): boolean {
  if (one.record !== other.record || one.stepsDone !== other.stepsDone) return false;
  if (one.checkIns !== other.checkIns || one.cleared !== other.cleared || one.retryCount !== other.retryCount)
    return false;
  const same = (counts: readonly number[], others: readonly number[]) =>
    counts.every((count, step) => count === others[step]);
  return same(one.undoAttempts, other.undoAttempts) && same(one.undoCheckIns, other.undoCheckIns);
}

import type { Goal, Result } from '../measures/measure.ts';
import { figure, tableOf } from './table.ts';

/** Everything for people: the tables, then the goals. */
export function report(results: readonly Result[]): string[] {
  return [...results.flatMap(({ lines }) => ['', ...lines]), '', ...goalLines(results.flatMap(({ goals }) => goals))];
}

function goalLines(goals: readonly Goal[]): string[] {
  const rows = goals.map((goal) => [
    `(${goal.letter}) ${goal.what}`,
    figure(goal.value),
    goal.atLeast === undefined ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`,
    isMet(goal) ? 'met' : 'missed',
  ]);
  return tableOf(['goal', 'measured', 'wanted', ''], rows);
}

export function isMet({ value, atLeast = -Infinity, atMost = Infinity }: Goal): boolean {
  return value >= atLeast && value <= atMost;
}

/** One line. `ratioToRaw` is the median over the rounds of Backstep's sagas/s to those of raw flows; null if not measured. */
export function jsonLine(results: ReadonlyMap<string, Result>): string {
  const goals = [...results.values()].flatMap((result) => result.goals);
  const ratioToRaw = goals.find(({ letter, what }) => letter === 'a' && what.endsWith('x raw'))?.value ?? null;
  const measures = Object.fromEntries([...results].map(([name, { json }]) => [name, json]));
  return JSON.stringify({ ratioToRaw, goals: goals.map((goal) => ({ ...goal, met: isMet(goal) })), ...measures });
}

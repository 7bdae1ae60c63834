import { percentile, spreadOf } from '../report/statistics.ts';
import { figure, medianAndRange, tableOf } from '../report/table.ts';
import type { LoadFigures, LoadPlan } from './load.ts';
import { runLoad } from './load.ts';
import type { Goal, Measure } from './measure.ts';

export interface LoadComparison {
  readonly name: string;
  readonly letters: readonly string[];
  readonly title: string;
  /** The first is what the others are compared with. */
  readonly plans: Readonly<Record<string, LoadPlan>>;
  readonly prepare?: Measure['prepare'];
  readonly goals: (results: LoadResults) => readonly Goal[];
}

export interface LoadResults {
  /** Medians over the rounds, by the plan's name. */
  median(name: string, key: keyof LoadFigures): number;
  /** The median of the ratios of sagas/s, each of two loads in the same round. */
  ratio(name: string, base: string): number;
}

/** Loads that take turns, in the other direction every other round. */
export function compareLoads(comparison: LoadComparison): Measure {
  const names = Object.keys(comparison.plans);
  const runs = new Map<string, LoadFigures[]>(names.map((name) => [name, []]));
  const values = (name: string, key: keyof LoadFigures) => (runs.get(name) ?? []).map((run) => run[key]);
  const ratios = (name: string, base: string) => {
    const bases = values(base, 'perSecond');
    return values(name, 'perSecond').map((value, round) => value / (bases[round] ?? Number.NaN));
  };
  const results: LoadResults = {
    median: (name, key) => percentile(values(name, key), 50),
    ratio: (name, base) => percentile(ratios(name, base), 50),
  };
  const { prepare } = comparison;
  return {
    name: comparison.name,
    letters: comparison.letters,
    ...(prepare ? { prepare } : {}),
    round: async (rig, effort, round) => {
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const plan = comparison.plans[name];
        if (!plan) continue;
        const figures = await runLoad(rig, plan, effort.loadSeconds);
        runs.get(name)?.push(figures);
        rig.say(`${comparison.title}, ${name}: ${figure(figures.perSecond)} sagas/s`);
      }
    },
    result: () => ({
      lines: linesOf(comparison.title, names, values, ratios),
      goals: comparison.goals(results),
      json: Object.fromEntries(names.map((name) => [name, jsonOf(runs.get(name) ?? [])])),
    }),
  };
}

type Values = (name: string, key: keyof LoadFigures) => readonly number[];

/** Beside the throughput, what a saga costs. */
const COSTS = [
  ['CPU s/1000', 'cpu'],
  ['node', 'nodeCpu'],
  ['postgres', 'postgresCpu'],
  ['redis', 'redisCpu'],
  ['commits', 'commits'],
  ['Redis commands', 'redisCommands'],
  ['in scripts', 'redisScripts'],
  ['WAL bytes', 'walBytes'],
  ['elsewhere %', 'elsewhere'],
] as const;

function linesOf(
  title: string,
  names: readonly string[],
  values: Values,
  ratios: (name: string, base: string) => readonly number[],
): string[] {
  const base = names[0] ?? '';
  const head = [title, 'sagas/s', `x ${base}`, ...COSTS.map(([label]) => label)];
  const rows = names.map((name) => [
    name,
    medianAndRange(values(name, 'perSecond')),
    medianAndRange(ratios(name, base)),
    ...COSTS.map(([, key]) => figure(percentile(values(name, key), 50))),
  ]);
  return tableOf(head, rows);
}

function jsonOf(runs: readonly LoadFigures[]): object {
  const keys = Object.keys(runs[0] ?? {}) as (keyof LoadFigures)[];
  return Object.fromEntries(keys.map((key) => [key, spreadOf(runs.map((run) => run[key]))]));
}

import type { Evidence } from './verdict/evidence.ts';
import type { Strikes } from './faults/strikes.ts';

/** What happened in a run, for people: a few lines. */
export function summaryOf(evidence: Evidence, strikes: Strikes): string {
  const { lines, effects, log, sagas, tasks, toldNotices: notices } = evidence;
  const begun = lines.filter(({ what }) => what === 'begin').map(({ key }) => key);
  const undone = lines.filter(({ what }) => what === 'undo-begin').map(({ key }) => key);
  const rebuilt = sagas.reduce((sum, { generation }) => sum + generation - 1, 0);
  return [
    'Faults',
    ...table(strikes.counts),
    ...(strikes.missed.length === 0 ? [] : ['Faults that found no hold', ...strikes.missed.map(indent)]),
    'Sagas',
    ...table(countBy(sagas.map(({ saga_type: type, status }) => `${type} ${status}`))),
    'The every-kind sagas',
    indent(`${begun.length} runs, ${repeats(begun)} of them again; ${effects.length} rows by transactions`),
    indent(`${undone.length} runs of compensations, ${repeats(undone)} of them again`),
    indent(`${log.filter(({ event }) => event === 'late result').length} late results, ${rebuilt} flows built anew`),
    indent(`${tasks.length} operator tasks, ${tasks.filter(({ status }) => status === 'open').length} open`),
    ...table(countBy(tasks.flatMap(({ kind, resolution }) => (resolution === null ? [] : [`${kind} ${resolution}`])))),
    indent(`${evidence.groupRetries.length} groups retried, ${sumOf(evidence.groupRetries)} tasks of them`),
    indent(`${notices.length} notices told, ${notices.filter(({ taken }) => !taken).length} of them in vain`),
  ].join('\n');
}

const sumOf = (retries: Evidence['groupRetries']) => retries.reduce((sum, { retried }) => sum + retried, 0);

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function table(counts: ReadonlyMap<string, number>): readonly string[] {
  const names = [...counts.keys()].toSorted();
  const width = Math.max(0, ...names.map(({ length }) => length));
  return names.map((name) => indent(`${name.padEnd(width)} ${String(counts.get(name)).padStart(6)}`));
}

function repeats(keys: readonly string[]): number {
  return keys.length - new Set(keys).size;
}

const indent = (line: string) => `  ${line}`;

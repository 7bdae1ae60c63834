import type { Evidence } from './evidence-types.ts';
import type { LedgerLine } from '../sagas/ledger-book.ts';

interface Told {
  readonly atMs: number;
  readonly text: string;
}

/** Everything that is known of one saga as text: what happened in the order of time, then what is there. */
export function historyOf(evidence: Evidence, sagaId: string, logLines: readonly string[] = []): string {
  const of = <R extends { readonly saga_id: string }>(rows: readonly R[]) =>
    rows.filter((row) => row.saga_id === sagaId);
  const [saga] = of(evidence.sagas);
  const happened = [...recorded(evidence, of), ...outside(evidence, sagaId), ...logLines.map(logLine)];
  const accepted = evidence.accepted.filter((each) => each.sagaId === sagaId);
  const jobs = evidence.jobs.filter((job) => job.sagaId === sagaId);
  const section = (title: string, items: readonly unknown[]) => [
    title,
    ...items.map((item) => `  ${textOf(item)}`),
    '',
  ];
  return [
    ...section(`Saga ${sagaId}: ${saga?.status ?? 'no row'}`, [saga, ...accepted]),
    ...section('Steps', of(evidence.steps)),
    ...section('Tasks', of(evidence.tasks)),
    ...section('Jobs', jobs),
    ...section('What happened', happened.sort((a, b) => a.atMs - b.atMs).map(tell)),
    ...section('Impaired meanwhile', impairments(evidence, happened)),
  ].join('\n');
}

type Of = <R extends { readonly saga_id: string }>(rows: readonly R[]) => readonly R[];

function recorded(evidence: Evidence, of: Of): readonly Told[] {
  return [
    ...of(evidence.log).map(({ at, saga_id: _sagaId, ...entry }) => ({
      atMs: at.getTime(),
      text: `log      ${textOf(entry)}`,
    })),
    ...of(evidence.changes).map(({ at, step, before, after, who, ...change }) => ({
      atMs: at.getTime(),
      text: `change   ${step ?? 'saga'} ${before} -> ${after} by ${who}, generation ${change.generation_after}`,
    })),
    ...of(evidence.effects).map(({ at, step, what }) => ({ atMs: at.getTime(), text: `row      ${what} ${step}` })),
  ];
}

function outside(evidence: Evidence, sagaId: string): readonly Told[] {
  const own = ({ key }: { readonly key: string }) => key.startsWith(`${sagaId}:`);
  return [
    ...evidence.lines.filter((line) => line.sagaId === sagaId).map(ledgerLine),
    ...[...evidence.books, ...evidence.voids].filter(own).map((item) => ({
      atMs: Date.parse(item.at),
      text: `provider ${textOf(item)}`,
    })),
    ...evidence.outbox.filter(own).map(({ key, relayed_at: relayedAt }) => ({
      atMs: relayedAt?.getTime() ?? Number.POSITIVE_INFINITY,
      text: `event    ${key} ${relayedAt ? 'relayed' : 'not relayed'}`,
    })),
    ...evidence.entries
      .filter(own)
      .map((entry) => ({ atMs: Number.POSITIVE_INFINITY, text: `balance  ${textOf(entry)}` })),
  ];
}

function ledgerLine({ n, atMs, what, step, outcome, pid, key }: LedgerLine): Told {
  return { atMs, text: `ledger   #${n} ${what} ${step || key} ${outcome} by process ${pid}` };
}

function logLine(line: string): Told {
  try {
    return { atMs: (JSON.parse(line) as { time: number }).time, text: `worker   ${line}` };
  } catch {
    return { atMs: Number.POSITIVE_INFINITY, text: `worker   ${line}` };
  }
}

function impairments({ impaired }: Evidence, happened: readonly Told[]): readonly unknown[] {
  const times = happened.map(({ atMs }) => atMs).filter(Number.isFinite);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return impaired
    .filter(({ fromMs, toMs }) => fromMs <= last && toMs >= first)
    .map(({ pid, fromMs, toMs, why }) => `${timeOf(fromMs)} to ${timeOf(toMs)}: process ${pid}, ${why}`);
}

const tell = ({ atMs, text }: Told) => `${timeOf(atMs)} ${text}`;

function timeOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 23) : '            ';
}

/** Big numbers come as texts from PostgreSQL, so JSON has words for everything. */
const textOf = (item: unknown) => (typeof item === 'string' ? item : JSON.stringify(item));

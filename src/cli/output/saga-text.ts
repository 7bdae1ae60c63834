import type { LogEntry, SagaView, StepView } from '../../store/views.ts';
import type { Column } from './table.ts';
import { renderTable } from './table.ts';
import { taskLines } from './task-text.ts';
import type { Terminal } from './terminal.ts';
import { cutTo, harmless, jsonText } from './text.ts';
import { absolute, duration, relative } from './time.ts';

export interface SagaTextOptions {
  readonly terminal: Terminal;
  readonly nowMs: number;
  /** Input and state, as indented JSON. */
  readonly withState: boolean;
  /** The whole log rather than its end. */
  readonly wholeLog: boolean;
}

/** One saga for people: what it is, what happens next, its steps, what waits for somebody, its log. */
export function sagaText(saga: SagaView, options: SagaTextOptions): string {
  const { terminal, withState } = options;
  const blocks = [
    headLines(saga, options),
    titled('Steps', [stepTable(saga, options)], terminal),
    ...openTasks(saga, options),
    ...(withState ? [titled('Input', [jsonText(saga.input, 2)], terminal)] : []),
    ...(withState ? [titled('State', [jsonText(saga.state, 2)], terminal)] : []),
    ...(saga.log.length === 0 ? [] : [titled('Log', logLines(saga.log, options), terminal)]),
  ];
  return blocks.map((lines) => lines.join('\n')).join('\n\n');
}

const titled = (title: string, lines: readonly string[], { style }: Terminal) => [style.strong(title), ...lines];

function headLines(saga: SagaView, { terminal, nowMs }: SagaTextOptions): readonly string[] {
  const { style } = terminal;
  const at = (iso: string | null) => (iso === null ? '' : `${absolute(iso)} (${relative(iso, nowMs)})`);
  const unfinished = saga.completedAt === null;
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['type', saga.type],
    ['next', saga.next],
    ['error', saga.error],
    ['reason', saga.reason],
    ['started', at(saga.startedAt)],
    ['ended', at(saga.completedAt)],
    ['deadline', unfinished ? at(saga.timeoutAt) : ''],
    ['waits until', unfinished ? at(saga.waitUntil) : ''],
  ];
  const shown = facts.flatMap(([name, text]) => (text ? [`  ${name.padEnd(11)}  ${harmless(text)}`] : []));
  return [`${style.strong(harmless(saga.sagaId))}  ${style.status(harmless(saga.status))}`, ...shown];
}

function stepTable({ steps }: SagaView, { terminal, nowMs }: SagaTextOptions): string {
  const undone = steps.some(({ compensationAttempts }) => compensationAttempts > 0);
  const columns: readonly Column<StepView>[] = [
    { title: '  STEP', value: ({ name }) => `  ${name}` },
    { title: 'STATUS', value: ({ status }) => status, isStatus: true },
    { title: 'ATTEMPTS', value: attemptsOf, align: 'right' },
    ...(undone ? [UNDOS] : []),
    { title: 'WHEN', value: (step) => relative(lastOf(step), nowMs) },
    { title: 'TOOK', value: tookOf, align: 'right', leaves: 1 },
    { title: 'ERROR', value: ({ compensationError, error }) => compensationError ?? error, shrinks: true },
  ];
  return renderTable(columns, steps, { width: terminal.columns(), style: terminal.style });
}

const UNDOS: Column<StepView> = {
  title: 'UNDOS',
  value: ({ compensationAttempts }) => compensationAttempts || '',
  align: 'right',
};

const attemptsOf = ({ attempts, maxAttempts }: StepView) =>
  attempts === 0 ? '' : maxAttempts === null ? attempts : `${attempts} of ${maxAttempts}`;

const lastOf = ({ compensatedAt, doneAt, startedAt }: StepView) => compensatedAt ?? doneAt ?? startedAt;

const tookOf = ({ startedAt, doneAt }: StepView) =>
  startedAt === null || doneAt === null ? '' : duration(Date.parse(doneAt) - Date.parse(startedAt));

function openTasks({ tasks }: SagaView, { terminal, nowMs }: SagaTextOptions): readonly (readonly string[])[] {
  const open = tasks.filter(({ status }) => status === 'open');
  return open.map((task) => titled(`Task ${task.id}`, taskLines(task, nowMs, terminal), terminal));
}

/** What happened last is what matters; `--log` shows the rest. */
const LAST = 10;

function logLines(log: readonly LogEntry[], { terminal, wholeLog }: SagaTextOptions): readonly string[] {
  const shown = wholeLog ? log : log.slice(-LAST);
  const { style } = terminal;
  const columns: readonly Column<LogEntry>[] = [
    { title: '', value: ({ at }) => `  ${absolute(at)}` },
    { title: '', value: ({ event }) => event },
    {
      title: '',
      value: ({ step, attempt }) => [step, attempt === null ? '' : `#${attempt}`].filter(Boolean).join(' '),
    },
    { title: '', value: ({ actor }) => (actor === null ? '' : `by ${actor}`) },
    { title: '', value: ({ message }) => message, shrinks: true },
  ];
  const earlier = log.length - shown.length;
  const note = cutTo(`  … ${earlier} earlier: --log shows them`, terminal.columns());
  const table = renderTable(columns, shown, { width: terminal.columns(), style, heading: false });
  return [...(earlier > 0 ? [style.faint(note)] : []), table];
}

import { stripVTControlCharacters } from 'node:util';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { cutTo, harmless, jsonText, widthOf } from './text.ts';

/** Between two looks, in milliseconds. */
const PAUSE_MS = 2_000;
/** So many looks in a row may find nobody, about a minute of an API that is deployed anew. */
const PATIENCE = 30;

export interface Watched<T> {
  readonly read: () => Promise<T>;
  /** The text for people, without a line break at its end. */
  readonly render: (value: T) => string;
  /** Nothing more will change. Default: never. */
  readonly isOver?: (value: T) => boolean;
}

export interface WatchOptions {
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Where it is no terminal: `changes` writes each, `end` only the last. Default `changes`. JSON follows the same. */
  readonly show?: 'changes' | 'end';
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Shows a value again and again until it is over: a terminal is redrawn, elsewhere something is written only when the value
 * has changed. An API that cannot be reached for a while is waited for, unless it never answered. Returns the last value.
 */
export async function watch<T>(watched: Watched<T>, options: WatchOptions): Promise<T> {
  const show = options.terminal.isTty && !options.json ? redrawing(watched, options) : onChange(watched, options);
  const isOver = watched.isOver ?? (() => false);
  let value = await watched.read();
  for (;;) {
    const over = isOver(value);
    show(value, over);
    if (over) return value;
    await options.pause(PAUSE_MS);
    value = await readPatiently(watched, options);
  }
}

async function readPatiently<T>({ read }: Watched<T>, { terminal, pause }: WatchOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await read();
    } catch (error) {
      const passes = error instanceof CliError && error.exitCode === EXIT.unavailable;
      if (!passes || failures === PATIENCE) throw error;
      if (failures === 1) terminal.note(`backstep: ${harmless(error.message)}; trying again\n`);
      await pause(PAUSE_MS);
    }
  }
}

type Show<T> = (value: T, over: boolean) => void;

function onChange<T>({ render }: Watched<T>, { terminal, json, show = 'changes' }: WatchOptions): Show<T> {
  let shown: string | undefined;
  return (value, over) => {
    const now = jsonText(value);
    if (now === shown || (show === 'end' && !over)) return;
    shown = now;
    terminal.write(json ? `${now}\n` : `${render(value)}\n`);
  };
}

const HOME_AND_CLEAR = '\u001b[H\u001b[2J';

/** The last picture is written whole: it stays. */
function redrawing<T>({ render }: Watched<T>, { terminal }: WatchOptions): Show<T> {
  return (value, over) => {
    const text = render(value);
    terminal.write(HOME_AND_CLEAR + (over ? text : upTo(text.split('\n'), terminal)) + '\n');
  };
}

/** How many rows of the terminal a line takes: what is too long is wrapped. */
function rowsOf(line: string, columns: number): number {
  return Math.max(Math.ceil(widthOf(stripVTControlCharacters(line)) / columns), 1);
}

/** More lines than the terminal has would scroll, and the next picture would not cover this one. */
function upTo(lines: readonly string[], terminal: Terminal): string {
  const room = terminal.rows() - 1;
  const rows = lines.map((line) => rowsOf(line, terminal.columns()));
  const fitting = (most: number) => {
    let used = 0;
    const at = rows.findIndex((count) => (used += count) > most);
    return at < 0 ? lines.length : at;
  };
  if (fitting(room) === lines.length) return lines.join('\n');
  const shown = fitting(room - 1);
  const more = cutTo(`… ${lines.length - shown} lines more: a taller window shows them`, terminal.columns());
  return [...lines.slice(0, shown), terminal.style.faint(more)].join('\n');
}

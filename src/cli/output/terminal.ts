import { createStyle, type Style } from './style.ts';

/** Where a verb writes: the process's own streams, or what a test gives it. */
export interface Terminal {
  /** Whether people look at it as it is written. */
  readonly isTty: boolean;
  readonly style: Style;
  /** How wide it is now; Infinity where it is no terminal. */
  columns(): number;
  rows(): number;
  write(text: string): void;
  /** To stderr. */
  note(text: string): void;
}

/** A stream of the process, or one that a test reads. */
export type Output = Pick<NodeJS.WritableStream, 'write' | 'on'> &
  Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>;

export interface TerminalOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  /** False: none, also on a terminal. */
  readonly colours: boolean;
}

/** What a terminal that does not say its size is taken for. */
const USUAL = { columns: 80, rows: 24 };

export function createTerminal({ stdout, stderr, colours }: TerminalOptions): Terminal {
  const isTty = stdout.isTTY === true;
  const size = (name: 'columns' | 'rows') => (isTty ? (stdout[name] ?? 0) || USUAL[name] : Infinity);
  return {
    isTty,
    style: createStyle(colours && isTty),
    columns: () => size('columns'),
    rows: () => size('rows'),
    write: (text) => void stdout.write(text),
    note: (text) => void stderr.write(text),
  };
}

import type { Style } from './style.ts';
import { cutTo, harmless, padTo, widthOf } from './text.ts';

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | null | undefined;
  /** Numbers are read from their right end. Default left. */
  readonly align?: 'right';
  /** May be cut where the line is too long. Default false: ids are for copying. */
  readonly shrinks?: boolean;
  /** Left out where the line is still too long: the column with the largest number first. Default: never. */
  readonly leaves?: number;
  /** Coloured by its text. Default false. */
  readonly isStatus?: boolean;
}

export interface TableOptions {
  /** Columns of the terminal; Infinity where it is none: then nothing is cut or left out. */
  readonly width: number;
  readonly style: Style;
  /** Default true. */
  readonly heading?: boolean;
}

interface Cells<T> {
  readonly column: Column<T>;
  readonly texts: readonly string[];
  readonly width: number;
}

const GAP = '  ';
/** What a column that shrinks keeps at least. */
const LEAST = 8;

/** Lines for people, without a line break at the end. All texts are made harmless. */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[], options: TableOptions): string {
  const { width, style, heading = true } = options;
  const fitted = fit(
    leaveOut(
      columns.map((column) => cellsOf(column, rows, heading)),
      width,
    ),
    width,
  );
  const lines = rows.map((_row, at) => lineOf(fitted, (cells) => cells.texts[at] ?? '', width, style));
  if (!heading) return lines.join('\n');
  const titles = cutTo(
    fitted
      .map((cells) => pad(cells, cells.column.title))
      .join(GAP)
      .trimEnd(),
    width,
  );
  return [style.faint(titles), ...lines].join('\n');
}

function cellsOf<T>(column: Column<T>, rows: readonly T[], heading: boolean): Cells<T> {
  const texts = rows.map((row) => harmless(String(column.value(row) ?? '')));
  const widest = texts.reduce((most, text) => Math.max(most, widthOf(text)), heading ? column.title.length : 0);
  return { column, texts, width: widest };
}

const least = <T>({ column, width }: Cells<T>) => (column.shrinks ? Math.min(LEAST, width) : width);

const total = (widths: readonly number[]) =>
  widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(widths.length - 1, 0);

/** Leaves columns out as long as shrinking alone does not do. */
function leaveOut<T>(all: readonly Cells<T>[], width: number): readonly Cells<T>[] {
  if (total(all.map(least)) <= width) return all;
  const ranks = all.map(({ column }) => column.leaves ?? 0);
  const first = Math.max(0, ...ranks);
  return first === 0 ? all : leaveOut(all.toSpliced(ranks.indexOf(first), 1), width);
}

/** Takes what is too much from the columns that shrink, always from the widest. */
function fit<T>(all: readonly Cells<T>[], width: number): readonly Cells<T>[] {
  const widths = all.map((cells) => cells.width);
  while (total(widths) > width) {
    const wide = all.map((cells, at) => ((widths[at] ?? 0) > least(cells) ? (widths[at] ?? 0) : 0));
    const at = wide.indexOf(Math.max(...wide));
    if ((wide[at] ?? 0) === 0) break;
    widths[at] = (widths[at] ?? 0) - 1;
  }
  return all.map((cells, at) => ({ ...cells, width: widths[at] ?? 0 }));
}

/** A line never wraps: what does not fit even so is cut, and then not coloured. */
function lineOf<T>(all: readonly Cells<T>[], textOf: (cells: Cells<T>) => string, width: number, style: Style): string {
  const parts = all.map((cells) => pad(cells, cutTo(textOf(cells), cells.width)));
  const plain = parts.join(GAP).trimEnd();
  if (widthOf(plain) > width) return cutTo(plain, width);
  const painted = parts.map((part, at) => (all[at]?.column.isStatus ? style.status(part) : part));
  return painted.join(GAP).trimEnd();
}

function pad<T>({ column, width }: Cells<T>, text: string): string {
  return column.align === 'right' ? ' '.repeat(Math.max(width - widthOf(text), 0)) + text : padTo(text, width);
}

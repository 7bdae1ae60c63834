import type { Spread } from './statistics.ts';
import { spreadOf } from './statistics.ts';

/** Lines of a table: the first column to the left, the others to the right. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return all.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd());
}

/** Three figures that count, and `-` for what could not be measured. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function medianAndRange(values: readonly number[]): string {
  const { median, min, max }: Spread = spreadOf(values);
  return values.length === 1 ? figure(median) : `${figure(median)} (${figure(min)}..${figure(max)})`;
}

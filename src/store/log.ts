import type { SqlRunner } from '../core/definition.ts';

/** A line of a saga's history. `actor` is set where a person or another system acted. */
export interface NewLogEntry {
  readonly sagaId: string;
  readonly event:
    | 'attempt failed'
    | 'step failed'
    | 'saga turned back'
    | 'saga cancelled'
    | 'answer requested'
    | 'signal received'
    | 'compensated'
    | 'compensation attempt failed'
    | 'compensation failed'
    | 'compensation retried'
    | 'rescue started'
    | 'rescue not started'
    | 'undone by rescue'
    | 'undone by hand'
    | 'done by hand'
    | 'sent forward'
    | 'saga abandoned'
    | 'late result'
    | 'task resolved'
    | 'flow rebuilt';
  readonly step?: string;
  readonly attempt?: number;
  readonly message?: string;
  readonly actor?: string;
}

export const INSERT_LOG = 'INSERT INTO saga_log (saga_id, event, step, attempt, message, actor)';

export async function writeLog(sql: SqlRunner, ...entries: readonly NewLogEntry[]): Promise<void> {
  await sql.$executeRawUnsafe(
    `${INSERT_LOG} SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[])`,
    ...logColumns(entries),
  );
}

/** The columns of `INSERT_LOG`. */
export function logColumns(entries: readonly NewLogEntry[]): unknown[][] {
  return [
    entries.map((entry) => entry.sagaId),
    entries.map((entry) => entry.event),
    entries.map((entry) => entry.step ?? null),
    entries.map((entry) => entry.attempt ?? null),
    entries.map(({ message }) => (message === undefined ? null : withoutNul(message))),
    entries.map((entry) => entry.actor ?? null),
  ];
}

/** PostgreSQL's text has no NUL; error messages of foreign systems may. */
export function withoutNul(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD');
}

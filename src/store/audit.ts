import type { SqlClient, SqlRunner } from '../core/definition.ts';
import { withoutNul } from './log.ts';
import { page, pageLimit, readCursor } from './paging.ts';
import type { AuditAction, AuditEntry, AuditFilter, Page } from './views.ts';

/** Something a person or another system did. Write it in the transaction of what was done. */
export interface NewAuditEntry {
  /** The name of the key, at most 200 characters. */
  readonly actor: string;
  readonly action: AuditAction;
  readonly sagaId?: string;
  readonly step?: string;
  readonly taskId?: string;
  /** Such as the resolution of a task. */
  readonly detail?: string;
  readonly reason?: string;
}

interface AuditRow {
  readonly id: bigint;
  readonly at: Date;
  readonly actor: string;
  readonly action: AuditAction;
  readonly saga_id: string | null;
  readonly step: string | null;
  readonly task_id: bigint | null;
  readonly detail: string | null;
  readonly reason: string | null;
}

export async function writeAudit(sql: SqlRunner, ...entries: readonly NewAuditEntry[]): Promise<void> {
  await sql.$executeRawUnsafe(
    `INSERT INTO audit_entry (actor, action, saga_id, step, task_id, detail, reason)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])`,
    entries.map(({ actor }) => actor),
    entries.map(({ action }) => action),
    entries.map(({ sagaId }) => sagaId ?? null),
    entries.map(({ step }) => step ?? null),
    entries.map(({ taskId }) => taskId ?? null),
    entries.map(({ detail }) => (detail === undefined ? null : withoutNul(detail))),
    entries.map(({ reason }) => (reason === undefined ? null : withoutNul(reason))),
  );
}

/** What was done, newest first. */
export async function listAudit(sql: SqlRunner, filter: AuditFilter): Promise<Page<AuditEntry>> {
  const limit = pageLimit(filter.limit);
  const rows = await sql.$queryRawUnsafe<AuditRow[]>(
    `SELECT * FROM audit_entry
     WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2) AND ($3::text IS NULL OR saga_id = $3)
       AND ($4::bigint IS NULL OR id < $4)
     ORDER BY id DESC LIMIT $5::int`,
    filter.actor ?? null,
    filter.action ?? null,
    filter.sagaId ?? null,
    readCursor(filter.cursor),
    limit + 1,
  );
  return page(rows, limit, auditView);
}

function auditView({ id, at, actor, action, saga_id, step, task_id, detail, reason }: AuditRow): AuditEntry {
  return {
    id: String(id),
    at: at.toISOString(),
    actor,
    action,
    sagaId: saga_id,
    step,
    taskId: task_id === null ? null : String(task_id),
    detail,
    reason,
  };
}

// The trigger that keeps the table append-only lets only this through: the setting holds until the transaction ends.
const ALLOW = `SELECT set_config('backstep.audit_cleanup', 'on', true)`;
const DELETE_OLD = `
  DELETE FROM audit_entry WHERE id IN (
    SELECT id FROM audit_entry WHERE at < timezone('utc', now()) - $1::float8 * interval '1 millisecond' ORDER BY id LIMIT $2::int)`;

/** Deletes up to `limit` entries that are older than `retentionMs`, and answers how many. */
export async function deleteOldAudit(sql: SqlClient, retentionMs: number, limit: number): Promise<number> {
  return sql.$transaction(async (tx) => {
    await tx.$queryRawUnsafe(ALLOW);
    return tx.$executeRawUnsafe(DELETE_OLD, retentionMs, limit);
  });
}

import type { Log } from '../core/log.ts';
import type { SqlClient } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import { deleteOldAudit } from '../store/audit.ts';
import { deleteOld } from '../store/upkeep/cleanup.ts';
import { deleteExpiredSessions } from '../store/desk/sessions.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

const BATCH = 1_000;
/** Between two looks, or as long as what ended is kept, where that is shorter. */
const REST_MS = 10 * 60_000;
/** Between two full batches: the live sagas come first. */
const BREATH_MS = 500;

/** How long things are kept, in milliseconds. */
export interface Retention {
  /** Finished sagas, from their end on. */
  readonly retentionMs: number;
  /** What people did. */
  readonly auditRetentionMs: number;
}

/** Deletes what is older than it is kept, batch by batch. Two of them never hold the same rows. */
export function startCleaner(sql: SqlClient, { retentionMs, auditRetentionMs }: Retention, log: Log): Loop {
  const restMs = Math.min(REST_MS, retentionMs);
  return startLoop(async () => {
    try {
      const { sagas, events } = await deleteOld(sql, retentionMs, BATCH);
      const audit = await deleteOldAudit(sql, auditRetentionMs, BATCH);
      if (sagas + events + audit > 0) log.info({ sagas, events, audit }, 'old sagas, events and audit entries deleted');
      const sessions = await deleteExpiredSessions(sql, BATCH);
      return [sagas, events, audit, sessions].includes(BATCH) ? BREATH_MS : restMs;
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'old sagas not deleted');
      return restMs;
    }
  });
}

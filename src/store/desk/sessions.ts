import type { SqlClient, SqlRunner } from '../../core/definition.ts';
import { writeAudit } from '../audit.ts';
import { NOW_UTC } from '../fence.ts';
import { STATEMENT_MS, within } from '../within.ts';

/** A session of a browser that somebody ends before its time. */
export interface EndingSession {
  readonly sessionId: string;
  readonly expiresAtMs: number;
  /** Whose it is, for the record. */
  readonly actor: string;
}

/** What has to be known of sessions besides their cookies. */
export interface SessionStore {
  /** Tells that somebody logged in. */
  begun(session: { readonly actor: string }): Promise<void>;
  /** Ends a session, once for all processes. */
  end(session: EndingSession): Promise<void>;
  hasEnded(sessionId: string): Promise<boolean>;
}

/** Ended sessions are rows until they would have expired anyway; the others are nowhere but in their cookies. */
export function createSessionStore(sql: SqlClient): SessionStore {
  const bounded = <R>(work: Promise<R>) => within(STATEMENT_MS, 'PostgreSQL', work);
  return {
    begun: ({ actor }) => bounded(writeAudit(sql, { actor, action: 'login' })),
    end: ({ sessionId, expiresAtMs, actor }) =>
      bounded(
        sql.$transaction(async (tx) => {
          const ended = await tx.$executeRawUnsafe(END, sessionId, expiresAtMs);
          // Two tabs may log out at once.
          if (ended > 0) await writeAudit(tx, { actor, action: 'logout' });
        }),
      ),
    hasEnded: async (sessionId) => (await bounded(sql.$queryRawUnsafe<unknown[]>(LOOK_UP, sessionId))).length > 0,
  };
}

const LOOK_UP = 'SELECT 1 FROM ended_session WHERE session_id = $1::text';

const END = `
  INSERT INTO ended_session (session_id, expires_at)
  VALUES ($1::text, timezone('utc', to_timestamp($2::float8 / 1000))) ON CONFLICT DO NOTHING`;

// A day later: the clocks of API and database may differ, and a session must not come back to life.
const DELETE_EXPIRED = `
  DELETE FROM ended_session WHERE session_id IN (
    SELECT session_id FROM ended_session WHERE expires_at < ${NOW_UTC} - interval '1 day' LIMIT $1::int FOR UPDATE SKIP LOCKED)`;

/** Deletes up to `limit` ended sessions that would have expired anyway, and answers how many. */
export async function deleteExpiredSessions(sql: SqlRunner, limit: number): Promise<number> {
  return sql.$executeRawUnsafe(DELETE_EXPIRED, limit);
}

import type { SqlClient, SqlRunner } from '../core/definition.ts';
import { RunnerError } from '../core/errors.ts';
import { NOW_UTC } from './fence.ts';
import { inSchemaOf } from './in-schema.ts';

/** An event of the application. Its key makes it one event, however often its step is run. */
export interface OutboxEvent {
  /** Such as `order.cancelled`; at most 100 characters. */
  readonly name: string;
  /** At most 300 characters. */
  readonly key: string;
  readonly payload: object;
}

/** What events of our own in the outbox begin with; the application's may not. */
export const OWN_EVENTS = 'backstep.';

/** Whether it is one of ours, for webhooks. */
export const isNotice = ({ name }: Pick<OutboxEvent, 'name'>): boolean => name.startsWith(OWN_EVENTS);

export interface WriteEventOptions {
  /** Where Backstep's tables are, as for `createRunner`. Default: for a step's `tx` its runner's, for others the search path. */
  readonly schema?: string;
}
export const INSERT_EVENT = `INSERT INTO outbox (name, key, payload) VALUES ($1, $2, $3::jsonb) ON CONFLICT (key) DO NOTHING`;

/** Writes an event in the caller's transaction: it is sent if that commits, and never if not. */
export async function writeEvent(tx: SqlRunner, event: OutboxEvent, options: WriteEventOptions = {}): Promise<void> {
  if (event.name.length > 100 || event.key.length > 300)
    throw new RunnerError('INVALID_INPUT', `Event ${event.name}: name or key is longer than 100 and 300 characters`);
  if (isNotice(event)) throw new RunnerError('INVALID_INPUT', `Event ${event.name}: ${OWN_EVENTS} is Backstep's own`);
  const qualify = inSchemaOf(tx, options.schema);
  await tx.$executeRawUnsafe(qualify(INSERT_EVENT), event.name, event.key, JSON.stringify(event.payload));
}

/** Notes that an event was dealt with: from now on its job may vanish. */
export async function markConsumed(sql: SqlRunner, keys: readonly string[]): Promise<void> {
  await sql.$executeRawUnsafe(
    `UPDATE outbox SET consumed_at = ${NOW_UTC} WHERE key = ANY($1::text[]) AND consumed_at IS NULL`,
    keys,
  );
}

/** Events, or notices, that were relayed `quietMs` ago or longer, and of which nobody said that they were consumed. From after
 *  `cursor`. */
export async function findUnconsumed(
  sql: SqlRunner,
  kind: 'events' | 'notices',
  cursor: string,
  quietMs: number,
  limit: number,
): Promise<readonly PendingEvent[]> {
  return sql.$queryRawUnsafe<PendingEvent[]>(
    `SELECT id::text, name, key, payload FROM outbox
     WHERE consumed_at IS NULL AND relayed_at < ${NOW_UTC} - $2::float8 * interval '1 millisecond' AND id > $1::bigint
       AND starts_with(name, '${OWN_EVENTS}') = $4::bool
     ORDER BY id LIMIT $3::int`,
    cursor,
    quietMs,
    limit,
    kind === 'notices',
  );
}

/** How long one batch may take, in milliseconds. */
const RELAY_LIMIT_MS = 30_000;

export interface PendingEvent extends OutboxEvent {
  readonly id: string;
}

/**
 * Hands up to `limit` unsent events to `send` and marks them sent, in one transaction: a crash in between sends them
 * again. Answers how many there were. Two relays never hold the same event.
 */
export async function relayPending(
  sql: SqlClient,
  limit: number,
  send: (events: readonly PendingEvent[]) => Promise<void>,
): Promise<number> {
  return sql.$transaction(
    async (tx) => {
      const events = await tx.$queryRawUnsafe<PendingEvent[]>(
        // A relay that freezes here must not keep its events from the others.
        `SELECT id::text, name, key, payload, set_config('idle_in_transaction_session_timeout', '${RELAY_LIMIT_MS}', true)
         FROM outbox WHERE relayed_at IS NULL ORDER BY id LIMIT $1::int FOR UPDATE SKIP LOCKED`,
        limit,
      );
      if (events.length === 0) return 0;
      await send(events);
      await tx.$executeRawUnsafe(
        `UPDATE outbox SET relayed_at = ${NOW_UTC} WHERE id = ANY($1::bigint[])`,
        events.map((event) => event.id),
      );
      return events.length;
    },
    { maxWait: 10_000, timeout: RELAY_LIMIT_MS },
  );
}

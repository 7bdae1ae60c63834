import type { Pool } from 'pg';
import { eventually } from './eventually.ts';

/** The columns that tell the writes of a table apart. */
const TABLES: Readonly<Record<string, string>> = {
  saga_step: `NEW.name || ' ' || NEW.status`,
  outbox: 'NEW.name',
  devices: 'NEW.status',
  operator_task: `NEW.id || ' ' || NEW.status`,
  saga_log: `NEW.saga_id || ' ' || NEW.event`,
  group_retry: 'NEW.cursor::text',
};

/** Any number: the other half of an advisory lock's key is the gate. */
const LOCK_CLASS = 4_711;

/**
 * Holds transactions that have written a row of a kind, such as `saga_step CREATE_ORDER DONE`: everything is written by
 * then, and nothing committed. So a process is killed in the middle of one by fact, not by luck.
 */
export interface Gates {
  /** From now on, a transaction that writes such a row waits. */
  shut(gate: string): Promise<void>;
  /** Resolves when a transaction waits. */
  reached(gate: string): Promise<void>;
  /** Lets all go on, those that wait and those that come. */
  open(): Promise<void>;
  /** Before the database is dropped. */
  remove(): Promise<void>;
}

/** Who passes a gate shares its lock; who shuts it has it alone. */
export async function installGates(sql: Pool): Promise<Gates> {
  for (const [table, columns] of Object.entries(TABLES))
    await sql.query(`
      CREATE FUNCTION pass_gate_of_${table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_xact_lock_shared(${LOCK_CLASS}, hashtext('${table} ' || ${columns}));
        RETURN NULL;
      END $$;
      CREATE TRIGGER gate AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION pass_gate_of_${table}()`);
  const keeper = await sql.connect();
  const open = async () => void (await keeper.query('SELECT pg_advisory_unlock_all()'));
  return {
    shut: async (gate) => void (await keeper.query(`SELECT pg_advisory_lock(${LOCK_CLASS}, hashtext($1))`, [gate])),
    reached: async (gate) =>
      void (await eventually(async () => {
        const waiting = `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
          WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
            AND classid = ${LOCK_CLASS} AND objid = hashtext($1)::oid`;
        return (await sql.query(waiting, [gate])).rowCount;
      })),
    open,
    remove: async () => {
      await open();
      keeper.release();
    },
  };
}

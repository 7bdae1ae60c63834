import pg from 'pg';

/**
 * `fault_effect`: what the transactional steps wrote, a row a run. `fault_change`: every change of a saga's status,
 * generation or steps, by triggers: what a row was in between cannot be seen at the end. `fault_balance`: the balances
 * before the first saga.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS fault_effect (key text NOT NULL, saga_id text NOT NULL, step text NOT NULL, what text NOT NULL);
  ALTER TABLE fault_effect ADD COLUMN IF NOT EXISTS at timestamptz NOT NULL DEFAULT clock_timestamp();
  CREATE TABLE IF NOT EXISTS fault_change (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), saga_id text NOT NULL, step text,
    step_index int, before text, after text, generation_before int, generation_after int, steps_done_before int,
    steps_done_after int, who text NOT NULL DEFAULT current_setting('application_name'),
    tx text NOT NULL DEFAULT txid_current()::text
  );
  CREATE TABLE IF NOT EXISTS fault_balance AS SELECT user_id, amount FROM balances;
  CREATE OR REPLACE FUNCTION fault_note_saga() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO fault_change (saga_id, before, after, generation_before, generation_after, steps_done_before, steps_done_after)
    VALUES (OLD.saga_id, OLD.status, CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE NEW.status END, OLD.generation,
      CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE NEW.generation END, OLD.steps_done,
      CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE NEW.steps_done END);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE FUNCTION fault_note_step() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO fault_change (saga_id, step, step_index, before, after)
    VALUES (NEW.saga_id, NEW.name, NEW.step_index, CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE OLD.status END, NEW.status);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE TRIGGER fault_saga_changed AFTER UPDATE ON saga_state FOR EACH ROW
    WHEN (OLD.status <> 'RUNNING' OR NEW.status <> 'RUNNING' OR OLD.generation <> NEW.generation
      OR NEW.steps_done < OLD.steps_done)
    EXECUTE FUNCTION fault_note_saga();
  CREATE OR REPLACE TRIGGER fault_saga_deleted AFTER DELETE ON saga_state FOR EACH ROW EXECUTE FUNCTION fault_note_saga();
  CREATE OR REPLACE TRIGGER fault_step_changed AFTER UPDATE ON saga_step FOR EACH ROW EXECUTE FUNCTION fault_note_step();
  CREATE OR REPLACE TRIGGER fault_step_inserted AFTER INSERT ON saga_step FOR EACH ROW EXECUTE FUNCTION fault_note_step();
`;

/** Call it after the database is migrated and seeded, and before the first saga. Calling it again changes nothing. */
export async function createFaultTables(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(TABLES);
  } finally {
    await client.end();
  }
}

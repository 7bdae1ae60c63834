import type { TestDatabase } from './database.ts';

/** Does `work` while PostgreSQL refuses to write rows that fulfil `condition`: steps that write one fail, each attempt. */
export async function whileRefused<R>(
  sql: TestDatabase['sql'],
  { table, condition }: { readonly table: string; readonly condition: string },
  work: () => Promise<R>,
): Promise<R> {
  await sql.query(`ALTER TABLE ${table} ADD CONSTRAINT refused CHECK (NOT (${condition})) NOT VALID`);
  try {
    return await work();
  } finally {
    await sql.query(`ALTER TABLE ${table} DROP CONSTRAINT refused`);
  }
}

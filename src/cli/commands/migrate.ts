import type { Config } from '../../config.ts';
import { migrate } from '../../store/database/migrate.ts';
import { requireDatabaseUrl } from '../servers-from-env.ts';
import { say } from '../say.ts';

/** Applies the migrations that the database lacks. */
export async function migrateCommand({ databaseUrl }: Config): Promise<number> {
  const { applied } = await migrate(requireDatabaseUrl(databaseUrl), { onProgress: say });
  say(applied.length === 0 ? 'The database is up to date' : `Applied ${applied.length} migrations`);
  return 0;
}

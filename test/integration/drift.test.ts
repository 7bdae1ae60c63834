import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { createTestDatabase } from '../support/database.ts';

const run = promisify(execFile);
// jest's own options are not for the script.
const env = { ...process.env, NODE_OPTIONS: '' };
const check = (url: string) => run(process.execPath, ['--import', 'tsx', 'scripts/check-drift.ts', url], { env });

test('the migrations make what prisma/schema says, and a difference is noticed', async () => {
  const database = await createTestDatabase();
  try {
    expect((await check(database.url)).stdout).toBe('prisma/schema and the migrations agree\n');
    await database.sql.query('ALTER TABLE saga_state DROP COLUMN reason');
    await expect(check(database.url)).rejects.toMatchObject({ stdout: expect.stringContaining('"reason" TEXT') });
  } finally {
    await database.drop();
  }
});

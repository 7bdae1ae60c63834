import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga } from '../../src/index.ts';
import { deleteOldAudit, writeAudit } from '../../src/store/audit.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

const DAY_MS = 24 * 3_600_000;
let engine: Engine;
let database: Database;

const asking = defineSaga('ASKING', { input: z.object({}), subject: () => 'the only one' }).wait('ANSWER', {
  request: () => undefined,
  signal: z.object({ yes: z.boolean() }),
  compensate: NOTHING_TO_UNDO,
});

beforeAll(async () => {
  engine = await startEngine(() => [asking]);
  database = connectPrisma(engine.url);
  await database.prisma.$queryRawUnsafe('SELECT 1');
});
afterAll(async () => {
  await database.close();
  await engine.close();
});

test('who started, answered and cancelled a saga is audited, newest first; what nobody is named for is not', async () => {
  const { runner } = engine;
  const unnamed = await runner.start('ASKING', {});
  await runner.signal(unnamed.sagaId, 'ANSWER', { yes: true });
  await engine.ended(unnamed.sagaId);
  const { sagaId } = await runner.start('ASKING', {}, { actor: 'shop', idempotencyKey: 'k' });
  await runner.start('ASKING', {}, { actor: 'shop', idempotencyKey: 'k' });
  await expect(runner.start('ASKING', {}, { actor: 'shop' })).rejects.toMatchObject({ code: 'SUBJECT_BUSY' });
  await runner.signal(sagaId, 'ANSWER', { yes: true }, { actor: 'crm', signalId: 's' });
  await runner.signal(sagaId, 'ANSWER', { yes: true }, { actor: 'crm', signalId: 's' });
  await engine.ended(sagaId);
  const other = await runner.start('ASKING', {}, { actor: 'shop' });
  await runner.cancel(other.sagaId, { actor: 'ada', reason: 'a mistake' });
  await expect(runner.cancel(other.sagaId, { actor: 'bob', reason: 'me too' })).rejects.toMatchObject({
    code: 'WRONG_STATE',
  });
  const { items } = await runner.audit({});
  expect(items.map(({ actor, action, sagaId: of, step, reason }) => [actor, action, of, step, reason])).toEqual([
    ['ada', 'cancel', other.sagaId, null, 'a mistake'],
    ['shop', 'start', other.sagaId, null, null],
    ['crm', 'signal', sagaId, 'ANSWER', null],
    ['shop', 'start', sagaId, null, null],
  ]);
  expect((await runner.audit({ actor: 'ada' })).items).toHaveLength(1);
  expect((await runner.audit({ action: 'start', sagaId })).items).toHaveLength(1);
  const first = await runner.audit({ limit: 3 });
  const second = await runner.audit({ limit: 3, cursor: first.nextCursor ?? '' });
  expect([...first.items, ...second.items]).toEqual(items);
});

test('the audit cannot be changed, nor deleted but by its age', async () => {
  const { sql } = engine;
  await writeAudit(database.prisma, { actor: 'ada', action: 'login' }, { actor: 'bob', action: 'login' });
  await expect(sql.query(`UPDATE audit_entry SET actor = 'eve'`)).rejects.toThrow('append-only');
  await expect(sql.query('DELETE FROM audit_entry')).rejects.toThrow('append-only');
  await sql.query(`INSERT INTO audit_entry (at, actor, action) VALUES (now() - interval '400 days', 'old', 'login')`);
  expect(await deleteOldAudit(database.prisma, 365 * DAY_MS, 10)).toBe(1);
  const { rows } = await sql.query<{ actor: string }>(
    `SELECT actor FROM audit_entry WHERE action = 'login' ORDER BY id`,
  );
  expect(rows.map(({ actor }) => actor)).toEqual(['ada', 'bob']);
});

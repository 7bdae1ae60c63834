import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineSaga } from '../../src/index.ts';
import type { StepRef } from '../../src/store/entries.ts';
import type { CheckInResult } from '../../src/store/journal/journal.ts';
import { createJournal } from '../../src/store/journal/journal.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

const step = { execute: () => undefined, compensate: () => undefined };
let engine: Engine;
let connection: Database;

beforeAll(async () => {
  const three = defineSaga('THREE', { input: z.object({}) });
  engine = await startEngine(() => [three.step('A', step).step('B', step).step('C', step)], { work: false });
  connection = connectPrisma(engine.url);
  await connection.prisma.$queryRawUnsafe('SELECT 1');
});
afterAll(async () => {
  await connection.close();
  await engine.close();
});

/** A saga whose first step is recorded by a process's journal, the second checked in with it. */
async function begun() {
  const { sagaId } = await engine.runner.start('THREE', {});
  const journal = createJournal(connection.prisma);
  const a: StepRef = { sagaId, generation: 1, stepIndex: 0, step: 'A' };
  const b: StepRef = { ...a, stepIndex: 1, step: 'B' };
  await journal.checkIn({ ...a, maxAttempts: 3 });
  const done = { ...a, output: '{"a":1}', attempt: 1, startedAtMs: Date.now() };
  expect(await journal.record({ ...done, next: { step: 'B', maxAttempts: 5 } })).toEqual({ kind: 'recorded' });
  return { sagaId, journal, b };
}

const row = async (sagaId: string) => {
  const { rows } = await engine.sql.query(
    'SELECT current_step, step_index, max_retries, steps_done, check_ins, cleared FROM saga_state WHERE saga_id = $1',
    [sagaId],
  );
  return rows[0] as unknown;
};
const granted = (result: CheckInResult) => (result.kind === 'granted' ? result : undefined);

test('a record checks the next step in, and its check-in in this process writes nothing', async () => {
  const { sagaId, journal, b } = await begun();
  const checkedIn = { current_step: 'B', step_index: 1, max_retries: 5, steps_done: 1, check_ins: 1, cleared: 0 };
  expect(await row(sagaId)).toEqual(checkedIn);
  const grant = granted(await journal.checkIn({ ...b, maxAttempts: 5 }));
  expect(grant).toMatchObject({ attempt: 1, checkIn: 1, unanswered: false, lost: 0, state: { a: 1 } });
  expect(await row(sagaId)).toEqual(checkedIn);
});

test('another process that is given the step takes it for begun', async () => {
  const { b } = await begun();
  const other = createJournal(connection.prisma);
  expect(granted(await other.checkIn({ ...b, maxAttempts: 5 }))).toMatchObject({ checkIn: 2, unanswered: true });
});

test('a process that stops says that the step did not begin', async () => {
  const { sagaId, journal, b } = await begun();
  await journal.settle();
  expect(await row(sagaId)).toMatchObject({ check_ins: 1, cleared: 1 });
  const other = createJournal(connection.prisma);
  expect(granted(await other.checkIn({ ...b, maxAttempts: 5 }))).toMatchObject({ checkIn: 2, unanswered: false });
});

test('a cancel takes a step that was checked in ahead for one that may have acted, and its late record is refused', async () => {
  const { sagaId, journal, b } = await begun();
  await engine.runner.cancel(sagaId, { actor: 'test', reason: 'changed their mind' });
  expect((await engine.runner.get(sagaId)).steps.map(({ status }) => status)).toEqual(['DONE', 'UNKNOWN', 'SKIPPED']);
  expect(await journal.record({ ...b, output: '{}', attempt: 1, startedAtMs: Date.now() })).toEqual({
    kind: 'refused',
  });
});

test('a step that the row does not name next is not checked in ahead', async () => {
  const { sagaId, journal, b } = await begun();
  await journal.checkIn({ ...b, maxAttempts: 5 });
  const done = { ...b, output: '{}', attempt: 1, startedAtMs: Date.now() };
  await journal.record({ ...done, next: { step: 'RENAMED', maxAttempts: 5 } });
  expect(await row(sagaId)).toMatchObject({ current_step: 'B', steps_done: 2, check_ins: 0 });
});

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import { NOTHING_TO_UNDO } from '../../src/core/definition.ts';
import { REDACTED } from '../../src/core/redact.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

const SECRET = '4111-1111';
const INPUT = { card: { number: SECRET, holder: 'Ada' }, items: [{ iban: SECRET, sku: 'a' }] };

/** What CHARGE returns. */
let charge: () => Promise<object>;
const seen: unknown[] = [];

const paying = defineSaga('PAYING', {
  input: z.object({
    card: z.object({ number: z.string(), holder: z.string() }),
    items: z.array(z.object({ iban: z.string(), sku: z.string() })),
  }),
  redact: ['card.number', 'items.*.iban', 'receipt.pan'],
}).step('CHARGE', {
  attempts: 1,
  timeoutMs: 100,
  onError: 'unknown',
  execute: ({ state }) => {
    seen.push(state);
    return charge();
  },
  compensate: NOTHING_TO_UNDO,
});

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine(() => [paying]);
});
afterAll(() => engine.close());
beforeEach(() => void seen.splice(0));

test('a step gets the clear values, and nobody else sees them', async () => {
  charge = () => Promise.resolve({ receipt: { pan: SECRET, no: 7 } });
  const { sagaId } = await engine.runner.start('PAYING', INPUT);
  const saga = await engine.ended(sagaId);
  expect(seen).toEqual([INPUT]);
  const input = { card: { number: REDACTED, holder: 'Ada' }, items: [{ iban: REDACTED, sku: 'a' }] };
  const output = { receipt: { pan: REDACTED, no: 7 } };
  expect(saga).toMatchObject({ status: 'COMPLETED', input, state: { ...input, ...output }, steps: [{ output }] });
  expect(JSON.stringify(saga)).not.toContain(SECRET);
});

test('an output that is quoted in the history and to a person is quoted without them', async () => {
  let answer: (output: object) => void = () => undefined;
  charge = () => new Promise((resolve) => (answer = resolve));
  const { sagaId } = await engine.runner.start('PAYING', INPUT);
  await engine.ended(sagaId);
  answer({ receipt: { pan: SECRET, no: 8 } });
  const saga = await engine.until(sagaId, ({ tasks }) => tasks.length > 0);
  expect(saga.tasks[0]?.message).toContain('"pan":"[redacted]","no":8');
  const { rows } = await engine.sql.query<{ text: string }>(
    'SELECT row_to_json(saga_log)::text AS text FROM saga_log UNION ALL SELECT row_to_json(operator_task)::text FROM operator_task',
  );
  expect(rows.map(({ text }) => text).join('\n')).not.toContain(SECRET);
});

test('a process that does not know the definition shows nothing of them', async () => {
  charge = () => Promise.resolve({ receipt: { pan: SECRET } });
  const { sagaId } = await engine.runner.start('PAYING', INPUT);
  await engine.ended(sagaId);
  const saga = await engine.another([]).get(sagaId);
  expect(saga).toMatchObject({ input: REDACTED, state: REDACTED, steps: [{ status: 'DONE', output: REDACTED }] });
});

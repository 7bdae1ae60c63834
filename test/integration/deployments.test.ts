import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import { type SagaDefinition, NOTHING_TO_UNDO } from '../../src/core/definition.ts';
import { TerminalError } from '../../src/core/errors.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

// What becomes of a saga that was started by one version of its definition, and is run on by another.

let engine: Engine;
let did: string[];

afterEach(() => engine.close());

/** A TRIP of these steps; a step called ASK waits for an answer, LAST throws where it is told to. */
function trip(steps: readonly string[], fails?: string): SagaDefinition {
  const begun = defineSaga('TRIP', { input: z.object({}) });
  // The builder's type grows with each step.
  const built = steps.reduce<{ step(...args: unknown[]): unknown; wait(...args: unknown[]): unknown }>((saga, name) => {
    const act = () => {
      if (name === fails) throw new TerminalError('no');
      did.push(name);
    };
    const next =
      name === 'ASK'
        ? saga.wait(name, {
            request: () => undefined,
            signal: z.object({}),
            timeoutMs: 60_000,
            compensate: NOTHING_TO_UNDO,
          })
        : saga.step(name, { execute: act, compensate: () => void did.push(`undo ${name}`), attempts: 1 });
    return next as typeof saga;
  }, begun as never);
  return built as unknown as SagaDefinition;
}

/** Starts a TRIP on `before`, lets it wait, and goes on with `after` alone. Answers its id. */
async function deploy(before: readonly string[], after: SagaDefinition) {
  did = [];
  engine = await startEngine(() => [trip(before)], { work: false });
  const old = engine.another();
  await old.work();
  const { sagaId } = await engine.runner.start('TRIP', {});
  await engine.until(sagaId, ({ currentStep }) => currentStep === 'ASK');
  await eventually(async () => {
    const { rows } = await engine.sql.query('SELECT 1 FROM saga_state WHERE wait_until IS NOT NULL');
    return rows.length === 1;
  });
  await old.close();
  const runner = engine.another([after]);
  await runner.work();
  await runner.signal(sagaId, 'ASK', {});
  return { sagaId, runner };
}

test('a saga runs the steps that it was started with, in their order, by the code of now', async () => {
  const { sagaId, runner } = await deploy(['A', 'ASK', 'B', 'C'], trip(['NEW', 'C', 'A', 'ASK', 'EXTRA', 'B']));
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
  expect(did).toEqual(['A', 'B', 'C']);
  const { sagaId: next } = await runner.start('TRIP', {});
  await runner.signal(next, 'ASK', {});
  await engine.ended(next);
  expect(did.slice(3)).toEqual(['NEW', 'C', 'A', 'EXTRA', 'B']);
});

test('a saga whose next step is not in the code waits for a version that has it', async () => {
  const { sagaId, runner } = await deploy(['A', 'ASK', 'B'], trip(['A', 'ASK', 'RENAMED']));
  await engine.until(sagaId, ({ steps }) => steps[1]?.status === 'DONE');
  expect((await engine.runner.get(sagaId)).status).toBe('RUNNING');
  await runner.close();
  await engine.another([trip(['A', 'ASK', 'RENAMED', 'B'])]).work();
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
  expect(did).toEqual(['A', 'B']);
});

test('a saga whose next step is not in the code can be cancelled, and is undone', async () => {
  const { sagaId, runner } = await deploy(['A', 'ASK', 'B'], trip(['A', 'ASK', 'RENAMED']));
  await engine.until(sagaId, ({ steps }) => steps[1]?.status === 'DONE');
  await runner.cancel(sagaId, { actor: 'ada', reason: 'renamed' });
  expect((await engine.ended(sagaId)).status).toBe('CANCELLED');
  expect(did).toEqual(['A', 'undo A']);
});

test('a saga does not need the code of a step that was done to complete', async () => {
  const { sagaId } = await deploy(['A', 'GONE', 'ASK', 'B'], trip(['A', 'ASK', 'B']));
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
  expect(did).toEqual(['A', 'GONE', 'B']);
});

test('what was done by a step that is not in the code any more is not forgotten: it is undone when the code is back', async () => {
  const { sagaId, runner } = await deploy(['A', 'GONE', 'ASK', 'B'], trip(['A', 'ASK', 'B'], 'B'));
  await engine.until(sagaId, ({ status }) => status === 'COMPENSATING' || status === 'FAILED');
  await runner.close();
  await engine.another([trip(['A', 'GONE', 'ASK', 'B'], 'B')]).work();
  expect((await engine.ended(sagaId)).status).toBe('COMPENSATED');
  expect(did).toEqual(['A', 'GONE', 'undo GONE', 'undo A']);
});

test('sagas of a type that is not in the code any more wait for it', async () => {
  did = [];
  engine = await startEngine(() => [trip(['A', 'B'])], { work: false });
  const { sagaId } = await engine.runner.start('TRIP', {});
  const other = engine.another([
    defineSaga('OTHER', { input: z.object({}) }).step('X', { execute: () => undefined, compensate: NOTHING_TO_UNDO }),
  ]);
  await other.work();
  const { sagaId: another } = await other.start('OTHER', {});
  await engine.ended(another);
  expect((await engine.runner.get(sagaId)).status).toBe('RUNNING');
  expect(did).toEqual([]);
  await engine.runner.work();
  expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
});

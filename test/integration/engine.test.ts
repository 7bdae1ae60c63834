import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, TerminalError, defineSaga, manual } from '../../src/index.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

/** What the steps did, in order; and what they are told to do. */
const acts: string[] = [];
const plan = new Map<string, () => unknown>();

const input = z.object({ id: z.string() });
const act = (name: string) => async () => {
  acts.push(name);
  return (await plan.get(name)?.()) ?? {};
};
const undo = (name: string) => async () => {
  await act(name)();
};
const fast = { backoffMs: 20 };

const sagas = [
  defineSaga('PLAIN', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('undo A') })
    .step('B', { ...fast, execute: act('B'), compensate: undo('undo B') })
    .step('C', { ...fast, execute: act('C'), compensate: undo('undo C') }),
  defineSaga('CONTINUING', { input, onCompensationFailure: 'continue' })
    .step('A', { ...fast, execute: act('A'), compensate: undo('undo A') })
    .step('B', { ...fast, execute: act('B'), compensate: undo('undo B') })
    .step('C', { ...fast, execute: act('C'), compensate: NOTHING_TO_UNDO }),
  defineSaga('BY_HAND', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('undo A') })
    .step('B', { ...fast, execute: act('B'), compensate: manual('give the money back') })
    .step('C', { ...fast, execute: act('C'), compensate: NOTHING_TO_UNDO }),
  defineSaga('DOUBTFUL', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('undo A') })
    .step('B', { ...fast, timeoutMs: 100, onError: 'unknown', execute: act('B'), compensate: undo('undo B') }),
  defineSaga('VERIFIED', { input })
    .step('A', { ...fast, execute: act('A'), compensate: undo('undo A') })
    .step('B', {
      ...fast,
      execute: act('B'),
      compensate: undo('undo B'),
      verify: async () => (await plan.get('verify')?.()) as { kind: 'unknown' },
    }),
  defineSaga('SHORT', { input, timeoutMs: 400 })
    .step('A', { ...fast, execute: act('A'), compensate: undo('undo A') })
    .step('B', { ...fast, execute: act('B'), compensate: undo('undo B') }),
];

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(() => sagas);
});
afterAll(() => engine.close());
beforeEach(() => {
  acts.length = 0;
  plan.clear();
});

const fails = (message: string) => () => {
  throw new Error(message);
};
const start = async (type: string) => (await engine.runner.start(type, { id: 'x' })).sagaId;
const statuses = (saga: { steps: readonly { status: string }[] }) => saga.steps.map((step) => step.status);

describe('the forward run', () => {
  test('steps run in order, outputs are merged into the state, the last record completes the saga', async () => {
    plan.set('A', () => ({ a: 1 })).set('C', () => ({ c: { deep: true } }));
    const saga = await engine.ended(await start('PLAIN'));
    expect(acts).toEqual(['A', 'B', 'C']);
    expect(saga).toMatchObject({ status: 'COMPLETED', currentStep: 'C', stepIndex: 2, retryCount: 0, error: null });
    expect(saga.state).toEqual({ id: 'x', a: 1, c: { deep: true } });
    expect(saga.completedAt).not.toBeNull();
  });

  test('a step that fails twice is tried a third time', async () => {
    let tries = 0;
    plan.set('B', () => ((tries += 1) < 3 ? fails('not yet')() : {}));
    const saga = await engine.ended(await start('PLAIN'));
    expect(acts).toEqual(['A', 'B', 'B', 'B', 'C']);
    expect(saga).toMatchObject({ status: 'COMPLETED', retryCount: 0 });
    expect(saga.steps[1]).toMatchObject({ status: 'DONE', attempts: 3 });
  });

  test('what failed for good is undone in reverse, with its error as thrown', async () => {
    plan.set('C', fails('no C'));
    const saga = await engine.ended(await start('PLAIN'));
    expect(acts).toEqual(['A', 'B', 'C', 'C', 'C', 'undo B', 'undo A']);
    expect(saga).toMatchObject({ status: 'COMPENSATED', error: 'no C', retryCount: 3, currentStep: 'C' });
    expect(statuses(saga)).toEqual(['COMPENSATED', 'COMPENSATED', 'FAILED']);
  });

  test('a terminal error is not tried again', async () => {
    plan.set('A', () => {
      throw new TerminalError('never', { code: 'NEVER' });
    });
    const saga = await engine.ended(await start('PLAIN'));
    expect(acts).toEqual(['A']);
    expect(saga).toMatchObject({ status: 'COMPENSATED', error: 'never', retryCount: 1 });
    expect(statuses(saga)).toEqual(['FAILED', 'SKIPPED', 'SKIPPED']);
  });

  test('a step whose output cannot be recorded has acted, and is undone', async () => {
    plan.set('B', () => ({ when: new Date(0) }));
    const saga = await engine.ended(await start('PLAIN'));
    expect(acts).toEqual(['A', 'B', 'undo B', 'undo A']);
    expect(saga).toMatchObject({
      status: 'COMPENSATED',
      error: 'Output has a Date at /when, which is not JSON',
    });
  });

  test('a step whose record the database refuses has acted, and is undone', async () => {
    await engine.sql.query(`
      CREATE OR REPLACE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'refused here'; END $$ LANGUAGE plpgsql;
      CREATE TRIGGER refuse BEFORE INSERT ON saga_step FOR EACH ROW WHEN (NEW.output ? 'refuse') EXECUTE FUNCTION refuse()`);
    plan.set('B', () => ({ refuse: true }));
    const saga = await engine.ended(await start('PLAIN'));
    expect(acts).toEqual(['A', 'B', 'undo B', 'undo A']);
    expect(saga.error).toMatch(/^Output could not be recorded: .*refused here/s);
  });

  test('the deadline ends the saga although its code goes on', async () => {
    plan.set('B', () => new Promise((resolve) => setTimeout(resolve, 2_000)));
    const saga = await engine.ended(await start('SHORT'));
    expect(saga).toMatchObject({ status: 'TIMEOUT', error: 'Saga timeout exceeded' });
    expect(acts).toEqual(['A', 'B', 'undo B', 'undo A']);
  });
});

describe('a step in doubt', () => {
  test('without verify and with onError unknown it is undone, never silently forgotten', async () => {
    plan.set('B', fails('reply lost'));
    const saga = await engine.ended(await start('DOUBTFUL'));
    expect(acts).toEqual(['A', 'B', 'B', 'B', 'undo B', 'undo A']);
    expect(saga.log.map((entry) => entry.message)).toContain('UNKNOWN: reply lost');
  });

  test('an attempt without an answer leaves the step unknown', async () => {
    plan.set('B', () => new Promise(() => undefined));
    const saga = await engine.ended(await start('DOUBTFUL'));
    expect(saga).toMatchObject({ status: 'COMPENSATED', error: 'B gave no answer in 100 ms' });
    expect(acts.slice(-2)).toEqual(['undo B', 'undo A']);
  });

  test('an answer that comes late is taken while the saga waits for it', async () => {
    plan.set('B', async () => {
      plan.delete('B');
      await new Promise((resolve) => setTimeout(resolve, 110));
      return { late: true };
    });
    const saga = await engine.ended(await start('DOUBTFUL'));
    expect(saga.status).toBe('COMPLETED');
  });

  test('an answer that comes after the step was undone opens an operator task', async () => {
    let answer: (output: object) => void = () => undefined;
    plan.set('B', () => new Promise((resolve) => (answer = resolve)));
    const sagaId = await start('DOUBTFUL');
    await engine.ended(sagaId);
    answer({ money: 'moved' });
    const saga = await engine.until(sagaId, ({ tasks }) => tasks.length > 0);
    expect(saga).toMatchObject({ status: 'COMPENSATED', tasks: [{ kind: 'LATE_RESULT', step: 'B', status: 'open' }] });
    expect(saga.tasks[0]?.message).toContain('{"money":"moved"}');
  });

  test('a step that took ten processes with it is not run again: it is undone', async () => {
    let go: (output: object) => void = () => undefined;
    plan.set('A', () => new Promise((resolve) => (go = resolve)));
    const sagaId = await start('PLAIN');
    await eventually(() => acts.includes('A'));
    // Ten check-ins of B without an answer, which ten crashes leave behind, and the one that comes with A's record.
    await engine.sql.query(`
      CREATE FUNCTION crash() RETURNS trigger AS $$ BEGIN NEW.check_ins := 11; RETURN NEW; END $$ LANGUAGE plpgsql`);
    await engine.sql.query(`
      CREATE TRIGGER crash BEFORE UPDATE ON saga_state FOR EACH ROW
      WHEN (NEW.saga_id = '${sagaId}' AND NEW.steps_done = 1 AND OLD.steps_done = 0) EXECUTE FUNCTION crash()`);
    go({});
    const saga = await engine.ended(sagaId);
    expect(saga).toMatchObject({ status: 'COMPENSATED', error: 'B was run 10 times and never answered' });
    expect(acts).toEqual(['A', 'undo B', 'undo A']);
  });

  test('verify finds that it was done: the saga goes on with the output', async () => {
    plan.set('B', fails('reply lost')).set('verify', () => ({ kind: 'done', output: { refund: 7 } }));
    const saga = await engine.ended(await start('VERIFIED'));
    expect(saga).toMatchObject({ status: 'COMPLETED', state: { refund: 7 } });
  });

  test('verify finds that it was not done: nothing of it is undone', async () => {
    plan.set('B', fails('down')).set('verify', () => ({ kind: 'not-done' }));
    await engine.ended(await start('VERIFIED'));
    expect(acts.slice(-2)).toEqual(['B', 'undo A']);
  });

  test('verify gives no answer: the step is undone', async () => {
    plan.set('B', fails('down')).set('verify', fails('down too'));
    await engine.ended(await start('VERIFIED'));
    expect(acts.slice(-2)).toEqual(['undo B', 'undo A']);
  });
});

describe('a compensation that fails', () => {
  const park = async (type: string) => {
    plan.set('C', fails('no C')).set('undo B', fails('cannot undo B'));
    return engine.ended(await start(type));
  };

  test('parks the saga with an operator task, and the earlier steps stay as they are', async () => {
    const saga = await park('PLAIN');
    expect(saga).toMatchObject({ status: 'FAILED', error: 'no C', completedAt: null });
    expect(statuses(saga)).toEqual(['DONE', 'COMPENSATION_FAILED', 'FAILED']);
    expect(saga.tasks).toMatchObject([
      {
        kind: 'COMPENSATION_FAILED',
        step: 'B',
        status: 'open',
        message: 'cannot undo B',
        resolutions: ['retry', 'undone', 'abandon'],
      },
    ]);
    expect(acts.filter((name) => name.startsWith('undo'))).toEqual(['undo B', 'undo B', 'undo B']);
  });

  test('resumes exactly there when it is retried', async () => {
    const { sagaId } = await park('PLAIN');
    plan.delete('undo B');
    acts.length = 0;
    await engine.runner.retryCompensation(sagaId, 'B', { actor: 'ada', reason: 'provider is back' });
    const saga = await engine.ended(sagaId);
    expect(acts).toEqual(['undo B', 'undo A']);
    expect(saga).toMatchObject({ status: 'COMPENSATED', tasks: [{ resolution: 'retry', resolvedBy: 'ada' }] });
  });

  test('parks again with a new task when the retry fails', async () => {
    const { sagaId } = await park('PLAIN');
    await engine.runner.retryCompensation(sagaId, 'B', { actor: 'ada', reason: 'once more' });
    const saga = await engine.until(sagaId, ({ status, tasks }) => status === 'FAILED' && tasks.length === 2);
    expect(saga.tasks.map(({ status }) => status)).toEqual(['resolved', 'open']);
  });

  test('can be retried only where it failed', async () => {
    const { sagaId } = await park('PLAIN');
    const retry = (step: string) => engine.runner.retryCompensation(sagaId, step, { actor: 'ada', reason: 'x' });
    await expect(retry('NONE')).rejects.toMatchObject({ code: 'UNKNOWN_STEP' });
    await expect(retry('A')).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  test('is taken as done when a person undid it', async () => {
    const { sagaId, tasks } = await park('PLAIN');
    acts.length = 0;
    await engine.runner.resolve(tasks[0]?.id ?? '', 'undone', { actor: 'ada', reason: 'done in their desk' });
    const saga = await engine.ended(sagaId);
    expect(acts).toEqual(['undo A']);
    expect(saga.status).toBe('COMPENSATED');
  });

  test('can be resolved by one person only', async () => {
    const { sagaId, tasks } = await park('PLAIN');
    const id = tasks[0]?.id ?? '';
    const resolve = () => engine.runner.resolve(id, 'undone', { actor: 'ada', reason: 'done' });
    const results = await Promise.allSettled([resolve(), resolve()]);
    expect(results.filter((result) => result.status === 'rejected')).toMatchObject([
      { reason: { code: 'WRONG_STATE' } },
    ]);
    await engine.ended(sagaId);
  });

  test('does not stop the others when the saga says so, and parks at the end', async () => {
    const saga = await park('CONTINUING');
    expect(acts.filter((name) => name.startsWith('undo'))).toEqual(['undo B', 'undo B', 'undo B', 'undo A']);
    expect(saga.status).toBe('FAILED');
    plan.delete('undo B');
    await engine.runner.retryCompensation(saga.sagaId, 'B', { actor: 'ada', reason: 'again' });
    expect((await engine.ended(saga.sagaId)).status).toBe('COMPENSATED');
  });

  test('a manual compensation parks at once, and goes on when a person has acted', async () => {
    plan.set('C', fails('no C'));
    const sagaId = await start('BY_HAND');
    const parked = await engine.ended(sagaId);
    expect(parked).toMatchObject({
      status: 'FAILED',
      tasks: [{ kind: 'MANUAL_COMPENSATION', step: 'B', message: 'give the money back' }],
    });
    expect(acts).not.toContain('undo A');
    await engine.runner.resolve(parked.tasks[0]?.id ?? '', 'undone', { actor: 'ada', reason: 'paid back' });
    expect(await engine.ended(sagaId)).toMatchObject({ status: 'COMPENSATED' });
    expect(acts).toContain('undo A');
  });
});

describe('what was lost in the queues', () => {
  test('a saga that was left with nothing to undo is finished by its outcome job', async () => {
    let go: (output: object) => void = () => undefined;
    plan.set('A', () => new Promise((resolve) => (go = resolve)));
    const sagaId = await start('PLAIN');
    await eventually(() => acts.includes('A'));
    // As a process without the saga's code leaves it: that one cannot tell what needs undoing.
    await engine.sql.query(`UPDATE saga_state SET status = 'COMPENSATING', ending = 'CANCELLED' WHERE saga_id = $1`, [
      sagaId,
    ]);
    go({});
    const saga = await engine.ended(sagaId);
    expect(saga).toMatchObject({ status: 'CANCELLED', tasks: [{ kind: 'LATE_RESULT', step: 'A' }] });
  });

  test('comes back when the jobs of a saga are removed in the dashboard', async () => {
    let go: (output: object) => void = () => undefined;
    plan.set('A', () => new Promise((resolve) => (go = resolve)));
    const sagaId = await start('PLAIN');
    await eventually(() => acts.includes('A'));
    const steps = engine.runner.queues.list().find(({ name }) => name === 'saga-steps');
    await (await steps?.getJob(`${sagaId}.g1.B`))?.remove({ removeChildren: false });
    go({});
    expect((await engine.ended(sagaId, 30_000)).status).toBe('COMPLETED');
    expect(acts).toEqual(['A', 'B', 'C']);
  });
});

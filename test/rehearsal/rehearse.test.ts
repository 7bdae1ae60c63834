import { describe, expect, test } from '@jest/globals';
import type { Fault, Rehearsal } from '../../src/rehearsal/index.ts';
import { assertAllOrNothing, rehearse } from '../../src/rehearsal/index.ts';
import { tripWorld } from './trip.ts';

async function rehearseTrip(...faults: Fault[]): Promise<Rehearsal> {
  const world = tripWorld();
  return rehearse(world.definition, { ...world, faults });
}

const always = { times: Number.POSITIVE_INFINITY };

/** `step attempt: what came of it`, a line each. */
const told = ({ calls }: Rehearsal) =>
  calls.map(({ kind, step, attempt, came }) => `${kind} ${step} ${attempt}: ${came}`);

describe('a rehearsal', () => {
  test('runs every step, and takes the answer of the one that waits', async () => {
    const rehearsal = await rehearseTrip();
    expect(rehearsal).toMatchObject({
      status: 'COMPLETED',
      error: null,
      state: { cents: 700, charged: 700, ticket: 'T-1' },
      done: ['HOLD_SEAT', 'CHARGE', 'ISSUE_TICKET', 'SEND_MAIL'],
      undone: [],
      tasks: [],
      elapsedMs: 0,
    });
    expect(told(rehearsal)).toEqual([
      'do HOLD_SEAT 1: returned',
      'do CHARGE 1: returned',
      'do ISSUE_TICKET 1: returned',
      'accept ISSUE_TICKET 1: returned',
      'do SEND_MAIL 1: returned',
    ]);
  });

  test('gives each attempt the same key, and waits for no backoff', async () => {
    const { status, calls, elapsedMs } = await rehearseTrip({ step: 'CHARGE', kind: 'throws-after', times: 2 });
    expect(status).toBe('COMPLETED');
    expect(new Set(calls.filter(({ step }) => step === 'CHARGE').map(({ key }) => key)).size).toBe(1);
    expect(elapsedMs).toBe(3_000);
  });

  test('runs the step again after its process died, and undoes in reverse what is refused later', async () => {
    const rehearsal = await rehearseTrip(
      { step: 'CHARGE', kind: 'dies-after' },
      { step: 'SEND_MAIL', kind: 'refuses' },
    );
    expect(rehearsal).toMatchObject({ status: 'COMPENSATED', undone: ['ISSUE_TICKET', 'CHARGE', 'HOLD_SEAT'] });
    expect(told(rehearsal).slice(0, 3)).toEqual([
      'do HOLD_SEAT 1: returned',
      'do CHARGE 1: process died',
      'do CHARGE 1: returned',
    ]);
  });

  test('asks verify when no attempt is answered, and goes on where it acted', async () => {
    const rehearsal = await rehearseTrip({ step: 'CHARGE', kind: 'times-out-after', ...always });
    expect(rehearsal.status).toBe('COMPLETED');
    expect(told(rehearsal)).toContain('verify CHARGE 3: returned');
    expect(rehearsal.elapsedMs).toBe(3 * 30_000 + 3_000);
  });

  test('gives up a step that takes its process with it each time, after ten runs', async () => {
    const rehearsal = await rehearseTrip({ step: 'CHARGE', kind: 'dies', ...always });
    expect(rehearsal).toMatchObject({ status: 'COMPENSATED', undone: ['HOLD_SEAT'] });
    expect(rehearsal.calls.filter(({ step, kind }) => step === 'CHARGE' && kind === 'do')).toHaveLength(10);
  });

  test('undoes by its request a step whose answer never came', async () => {
    const rehearsal = await rehearseTrip({ step: 'ISSUE_TICKET', kind: 'unanswered' });
    expect(rehearsal).toMatchObject({ status: 'COMPENSATED', undone: ['ISSUE_TICKET', 'CHARGE', 'HOLD_SEAT'] });
    expect(rehearsal.error).toBe('No answer to ISSUE_TICKET in 60000 ms');
  });

  test('parks the saga when an undo fails for good, with a task, and undoes nothing below it', async () => {
    const rehearsal = await rehearseTrip(
      { step: 'SEND_MAIL', kind: 'refuses' },
      { step: 'CHARGE', call: 'undo', kind: 'throws', ...always },
    );
    expect(rehearsal).toMatchObject({ status: 'FAILED', undone: ['ISSUE_TICKET'] });
    expect(rehearsal.tasks).toMatchObject([{ step: 'CHARGE', kind: 'COMPENSATION_FAILED' }]);
  });

  test('a saga that names a rescue waits with its task, as until the rescue has completed', async () => {
    const { definition, ...world } = tripWorld();
    const rescue = { type: 'GIVE_BACK', input: () => ({}) };
    const faults = [
      { step: 'SEND_MAIL', kind: 'refuses' },
      { step: 'CHARGE', call: 'undo', kind: 'refuses' },
    ] as const;
    const rehearsal = await rehearse({ ...definition, rescue }, { ...world, faults });
    expect(rehearsal).toMatchObject({ status: 'FAILED', tasks: [{ step: 'CHARGE', kind: 'COMPENSATION_FAILED' }] });
  });

  test('a cancelled saga is undone, also a step that may have acted', async () => {
    const rehearsal = await rehearseTrip({ step: 'CHARGE', kind: 'cancelled-after' });
    expect(rehearsal).toMatchObject({ status: 'CANCELLED', undone: ['CHARGE', 'HOLD_SEAT'] });
  });

  test('a saga past its deadline is undone, and ends as TIMEOUT', async () => {
    const rehearsal = await rehearseTrip({ step: 'ISSUE_TICKET', kind: 'overdue' });
    expect(rehearsal).toMatchObject({ status: 'TIMEOUT', undone: ['ISSUE_TICKET', 'CHARGE', 'HOLD_SEAT'] });
    expect(rehearsal.elapsedMs).toBe(300_000);
  });

  test('an effect that comes after the saga was undone opens a task', async () => {
    const world = tripWorld();
    const faults = [{ step: 'SEND_MAIL', kind: 'acts-late', ...always }] as const;
    const rehearsal = await rehearse(world.definition, { ...world, faults });
    expect(rehearsal.status).toBe('COMPENSATED');
    expect(rehearsal.tasks.map(({ step, kind }) => `${step} ${kind}`)).toContain('SEND_MAIL LATE_RESULT');
    expect(await world.effects()).toMatchObject({ SEND_MAIL: 1, CHARGE: 0 });
  });

  test('says which faults struck nothing', async () => {
    const fault = { step: 'CHARGE', call: 'verify', kind: 'throws' } as const;
    expect((await rehearseTrip(fault)).unstruck).toEqual([fault]);
  });

  test.each([
    [{ step: 'PAY', kind: 'throws' }, 'saga TRIP has no step PAY'],
    [{ step: 'HOLD_SEAT', kind: 'acts-late' }, 'do of HOLD_SEAT can have'],
    [{ step: 'SEND_MAIL', call: 'verify', kind: 'throws' }, 'verify of SEND_MAIL can have no fault'],
    [{ step: 'CHARGE', kind: 'throws', times: 0 }, 'times must be at least 1'],
  ] as [Fault, string][])('refuses %j, which could never strike', async (fault, message) => {
    await expect(rehearseTrip(fault)).rejects.toThrow(message);
  });

  test('refuses a transaction without a database', async () => {
    const { definition, input } = tripWorld();
    await expect(rehearse({ ...definition, db: undefined }, { input })).rejects.toThrow(
      'Saga TRIP, step HOLD_SEAT runs in a transaction: give rehearse a db',
    );
  });

  test('refuses what a start would refuse, and an answer that its step would', async () => {
    const world = tripWorld();
    await expect(rehearse(world.definition, { ...world, input: {} })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const signals = { ISSUE_TICKET: { ticket: 7 } };
    await expect(rehearse(world.definition, { ...world, signals })).rejects.toMatchObject({ code: 'INVALID_SIGNAL' });
  });
});

test('whatever fails, the effects of the trip are all there or all gone', async () => {
  const outcomes = await assertAllOrNothing(tripWorld);
  expect(outcomes.length).toBeGreaterThan(80);
  expect(new Set(outcomes.map(({ rehearsal }) => rehearsal.status))).toEqual(
    new Set(['COMPLETED', 'COMPENSATED', 'FAILED', 'TIMEOUT', 'CANCELLED']),
  );
});

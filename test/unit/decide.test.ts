import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide, isToUndo, toUndo } from '../../src/core/decide.ts';
import type { SagaEvent } from '../../src/core/evolve.ts';
import { StaleEventError, evolve } from '../../src/core/evolve.ts';
import type { SagaRecord, StepRecord } from '../../src/core/record.ts';
import { isTerminal } from '../../src/core/status.ts';

const undo = fc.constantFrom('auto' as const, 'manual' as const, 'nothing' as const);
const policy = fc.constantFrom('stop' as const, 'continue' as const);

/** A saga that runs: the first `done` steps are recorded, the rest not begun. */
const running: fc.Arbitrary<SagaRecord> = fc
  .tuple(fc.array(undo, { minLength: 1, maxLength: 6 }), policy, fc.nat())
  .map(([undos, onCompensationFailure, seed]) => {
    const done = seed % undos.length;
    const steps = undos.map((kind, index): StepRecord => {
      const wasDone = index < done;
      return { name: `STEP_${index}`, status: wasDone ? 'DONE' : 'PENDING', undo: kind, wasDone };
    });
    return {
      sagaId: 'saga',
      type: 'TEST',
      generation: 1,
      status: 'RUNNING',
      ending: null,
      onCompensationFailure,
      steps,
    };
  });

const turn: fc.Arbitrary<(record: SagaRecord) => SagaEvent> = fc.oneof(
  fc.constantFrom('FAILED' as const, 'UNKNOWN' as const).map((verdict) => (record: SagaRecord) => {
    const step = record.steps.find((candidate) => candidate.status === 'PENDING');
    return { kind: 'step-failed' as const, step: step?.name ?? 'none', verdict };
  }),
  fc
    .record({ ending: fc.constantFrom('TIMEOUT' as const, 'CANCELLED' as const), inDoubt: fc.boolean() })
    .map((event) => () => ({ kind: 'turned-back' as const, ...event })),
);

/** Lets the saga be undone; `fails` says which compensations fail, one after the other. */
function unwind(start: SagaRecord, fails: readonly boolean[]): { record: SagaRecord; undone: string[] } {
  let record = start;
  const undone: string[] = [];
  for (let turns = 0; turns < 100; turns += 1) {
    const action = decide(record);
    if (action.kind !== 'compensate') return { record, undone };
    if (fails[turns % Math.max(fails.length, 1)] === true) {
      record = evolve(record, { kind: 'compensation-failed', step: action.step });
    } else {
      record = evolve(record, { kind: 'compensated', step: action.step });
      undone.push(action.step);
    }
  }
  throw new Error('it does not end');
}

const story = fc.tuple(running, turn, fc.array(fc.boolean(), { maxLength: 5 }));

test('a saga that turned back is finished or parked in the end', () => {
  fc.assert(
    fc.property(story, ([start, event, fails]) => {
      const { record } = unwind(evolve(start, event(start)), fails);
      expect(isTerminal(record.status) || record.status === 'FAILED').toBe(true);
    }),
  );
});

test('steps are undone newest first, and nothing twice', () => {
  fc.assert(
    fc.property(story, ([start, event, fails]) => {
      const { undone } = unwind(evolve(start, event(start)), fails);
      const indexes = undone.map((name) => start.steps.findIndex((step) => step.name === name));
      expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => b - a));
    }),
  );
});

test('a saga with a debt is never finished', () => {
  fc.assert(
    fc.property(story, ([start, event, fails]) => {
      const { record } = unwind(evolve(start, event(start)), fails);
      const debts = record.steps.filter((step) => isToUndo(step) || step.status === 'COMPENSATION_FAILED');
      expect(debts.length > 0).toBe(record.status === 'FAILED');
    }),
  );
});

test('every step that may have acted and has an undo is undone in a finished saga', () => {
  fc.assert(
    fc.property(story, ([start, event, fails]) => {
      const turned = evolve(start, event(start));
      const { record, undone } = unwind(turned, fails);
      if (isTerminal(record.status)) expect(undone).toEqual(toUndo(turned));
    }),
  );
});

test('with continue, every compensation is tried before the saga is parked; with stop, none after a failure', () => {
  fc.assert(
    fc.property(running, turn, (start, event) => {
      const turned = evolve(start, event(start));
      const { record } = unwind(turned, [true]);
      const failed = record.steps.filter((step) => step.status === 'COMPENSATION_FAILED').length;
      const owed = toUndo(turned).length;
      expect(failed).toBe(start.onCompensationFailure === 'continue' ? owed : Math.min(owed, 1));
    }),
  );
});

test('a parked saga resumes exactly at the failed compensation, and ends when everything is undone', () => {
  fc.assert(
    fc.property(story, ([start, event, fails]) => {
      let { record } = unwind(evolve(start, event(start)), fails);
      for (let turns = 0; record.status === 'FAILED' && turns < 50; turns += 1) {
        const [step] = record.steps.filter((candidate) => candidate.status === 'COMPENSATION_FAILED').reverse();
        if (!step) throw new Error('parked without a debt');
        const resumed = evolve(record, {
          kind: step.undo === 'auto' ? 'compensation-retried' : 'undone-by-hand',
          step: step.name,
        });
        if (step.undo === 'auto' && record.onCompensationFailure === 'stop')
          expect(decide(resumed)).toEqual({ kind: 'compensate', step: step.name });
        record = unwind(resumed, [false]).record;
        // A manual step that was not reached yet is asked for in its turn.
      }
      expect(isTerminal(record.status)).toBe(true);
    }),
  );
});

test('an event that does not fit changes nothing and says why', () => {
  const record: SagaRecord = {
    sagaId: 'saga',
    type: 'TEST',
    generation: 1,
    ending: null,
    onCompensationFailure: 'stop',
    status: 'RUNNING',
    steps: [
      {
        name: 'ONE',
        status: 'DONE',
        undo: 'auto',
        wasDone: true,
      },
    ],
  };
  expect(() => evolve(record, { kind: 'step-failed', step: 'ONE', verdict: 'FAILED' })).toThrow(
    new StaleEventError('Step ONE of saga saga is DONE, expected PENDING'),
  );
  expect(() => evolve(record, { kind: 'compensated', step: 'ONE' })).toThrow(/is RUNNING, expected COMPENSATING/);
});

test('a step in doubt is undone at a deadline; one that was not begun is skipped', () => {
  const record: SagaRecord = {
    sagaId: 'saga',
    type: 'TEST',
    generation: 1,
    ending: null,
    onCompensationFailure: 'stop',
    status: 'RUNNING',
    steps: [
      {
        name: 'ONE',
        status: 'PENDING',
        undo: 'auto',
        wasDone: false,
      },
    ],
  };
  const doubtful = evolve(record, { kind: 'turned-back', ending: 'TIMEOUT', inDoubt: true });
  expect(decide(doubtful)).toEqual({ kind: 'compensate', step: 'ONE' });
  const skipped = evolve(record, { kind: 'turned-back', ending: 'TIMEOUT', inDoubt: false });
  expect([skipped.status, skipped.steps[0]?.status]).toEqual(['TIMEOUT', 'SKIPPED']);
});

const byPerson: fc.Arbitrary<(record: SagaRecord) => SagaEvent> = fc.constantFrom(
  () => ({ kind: 'sent-forward' as const }),
  (record: SagaRecord) => ({ kind: 'done-by-hand' as const, step: firstDebt(record) }),
  () => ({ kind: 'abandoned' as const }),
);

const firstDebt = (record: SagaRecord) =>
  record.steps.find((step) => step.status === 'COMPENSATION_FAILED')?.name ?? 'none';

/** The saga after a person's word, or undefined where it is refused. */
function told(record: SagaRecord, event: SagaEvent): SagaRecord | undefined {
  try {
    return evolve(record, event);
  } catch (error) {
    if (error instanceof StaleEventError) return undefined;
    throw error;
  }
}

test('a saga is sent forward only if nothing of it was undone, or tried to be; what was done stays done, the rest is to do', () => {
  fc.assert(
    fc.property(story, byPerson, ([start, event, fails], word) => {
      const { record, undone } = unwind(evolve(start, event(start)), fails);
      const asked = word(record);
      const after = told(record, asked);
      if (asked.kind === 'abandoned' || after === undefined) return;
      expect(undone).toEqual([]);
      expect(record.steps.filter((step) => step.status === 'COMPENSATION_FAILED' && step.undo === 'auto')).toEqual([]);
      const done = after.steps.filter((step) => step.status === 'DONE').map(({ name }) => name);
      const claimed = asked.kind === 'done-by-hand' ? [asked.step] : [];
      expect(done).toEqual([...record.steps.filter((step) => step.wasDone).map(({ name }) => name), ...claimed]);
      expect(after.steps.filter((step) => step.status !== 'DONE' && step.status !== 'PENDING')).toEqual([]);
      expect(after).toMatchObject({
        ending: null,
        status: done.length === after.steps.length ? 'COMPLETED' : 'RUNNING',
      });
    }),
  );
});

test('an abandoned saga keeps its steps as they were, and nothing is done for it', () => {
  fc.assert(
    fc.property(story, ([start, event, fails]) => {
      const { record } = unwind(evolve(start, event(start)), fails);
      const after = told(record, { kind: 'abandoned' });
      expect(after !== undefined).toBe(record.status === 'FAILED');
      if (!after) return;
      expect(after.steps).toEqual(record.steps);
      expect(decide(after)).toEqual({ kind: 'nothing' });
      expect(isTerminal(after.status)).toBe(true);
    }),
  );
});

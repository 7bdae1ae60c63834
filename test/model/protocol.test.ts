import { expect, test } from '@jest/globals';
import { isToUndo } from '../../src/core/decide.ts';
import { isTerminalError } from '../../src/core/errors.ts';
import type { Bounds, Model } from './model.ts';
import { BRITTLE, SAGAS, SHORT, UNSURE } from './sagas.ts';
import { search } from './search.ts';
import type { Conditions } from './store.ts';
import { CONDITIONS } from './store.ts';

/** `MODEL_DEPTH=long` searches for hours rather than seconds. */
const LONG = process.env['MODEL_DEPTH'] === 'long';
const DEEP: Bounds = {
  generations: 2,
  runs: 2,
  checkIns: 3,
  undoCheckIns: 2,
  poisonAfter: 2,
  undoPoisonAfter: 1,
  resolutions: 1,
};
/** Of three steps, in a minute. A saga of two steps is searched deeper. */
const FLAT: Bounds = { ...DEEP, checkIns: 2, undoCheckIns: 1 };
const LONGEST: Bounds = { ...DEEP, generations: 3, runs: 3, checkIns: 4, undoCheckIns: 3, resolutions: 2 };
const TIMEOUT_MS = LONG ? 24 * 3_600_000 : 300_000;

const whole = { conditions: CONDITIONS, bounds: DEEP, notesWithLock: true, forgets: true };

test.each([
  ...Object.entries(SAGAS).map(([name, definition]) => ({ name, definition, bounds: LONG ? LONGEST : FLAT })),
  { name: 'two steps, deeper', definition: SHORT, bounds: LONG ? LONGEST : DEEP },
])(
  'no crash, zombie, lost or repeated job, deadline or operator breaks a saga: $name',
  ({ definition, bounds }) => {
    const { states, counterexample } = search({ ...whole, definition, bounds });
    expect(counterexample).toBeUndefined();
    expect(states).toBeGreaterThan(10_000);
  },
  TIMEOUT_MS,
);

test('what is forgotten for a shorter search makes no difference to what becomes of a saga', () => {
  const bounds = { ...FLAT, resolutions: 0 };
  const model = { ...whole, definition: SHORT, bounds };
  const [short, full] = [search(model), search({ ...model, forgets: false })];
  expect(full.states).toBeGreaterThan(short.states);
  expect([...short.outcomes].sort()).toEqual([...full.outcomes].sort());
});

/** The shortest way to the first thing that goes wrong without one of the conditions. */
function pathWithout(condition: Partial<Conditions>, change: Partial<Model> = {}): readonly string[] {
  const conditions = { ...CONDITIONS, ...condition };
  const { counterexample } = search({ ...whole, definition: BRITTLE, conditions, forgets: false, ...change });
  if (!counterexample) throw new Error('Nothing goes wrong without it');
  return [...counterexample.path, counterexample.broken];
}

test('a fence without steps_done lets a step run before its turn: three transitions', () => {
  const path = pathWithout({
    fence: ({ record }, ref) => record.status === 'RUNNING' && record.generation === ref.generation,
  });
  expect(path).toHaveLength(3 + 1);
  expect(path.at(-1)).toBe('saga is COMPLETED, and A is none');
});

test('a fence without the status lets a step begin after the end: two transitions', () => {
  const path = pathWithout({
    fence: ({ record, stepsDone }, ref) => record.generation === ref.generation && stepsDone === ref.step,
  });
  expect(path).toHaveLength(2 + 1);
  expect(path.at(-1)).toBe('a step began in a saga that is CANCELLED');
});

test('without the generation a flow that was replaced goes on: two transitions', () => {
  const path = pathWithout({
    fence: ({ record, stepsDone }, ref) => record.status === 'RUNNING' && stepsDone === ref.step,
  });
  expect(path).toHaveLength(2 + 1);
  expect(path.at(-1)).toBe('a flow that was replaced, g1, changed the row');
});

test('a compensation without the generation goes on in a flow that was replaced: three transitions', () => {
  const path = pathWithout({ sameFlow: () => true });
  expect(path).toHaveLength(3 + 1);
  expect(path.at(-1)).toBe('a flow that was replaced, g1, changed the row');
});

test('a check-in that is not written hides that the step may have acted: three transitions', () => {
  const path = pathWithout({ checkInsAfter: ({ checkIns }) => checkIns });
  expect(path).toHaveLength(3 + 1);
  expect(path.at(-1)).toBe('saga is CANCELLED, and A is not undone');
});

test('compensations that are not in their turn undo an older step first: six transitions', () => {
  const path = pathWithout({ isNext: ({ status }, step) => status === 'COMPENSATING' && isToUndo(step) });
  expect(path).toHaveLength(6 + 1);
  expect(path.at(-1)).toBe('A is undone before B');
});

test('a failure said by a run that is not the newest leaves what the newest does: five transitions', () => {
  const path = pathWithout({
    speaksFor: (row, failure) => CONDITIONS.speaksFor(row, { ...failure, checkIn: row.checkIns }),
  });
  expect(path).toHaveLength(5 + 1);
  expect(path.at(-1)).toBe('saga is COMPENSATED, and A is not undone');
});

test('an attempt without an answer that counts as answered is forgotten at a cancel: four transitions', () => {
  const path = pathWithout({ clearedAfterFailure: ({ cleared }) => cleared + 1 });
  expect(path).toHaveLength(4 + 1);
  expect(path.at(-1)).toBe('saga is CANCELLED, and A is not undone');
});

test('a doubt that is told by the step that was run, not by the one to run next, forgets the next one', () => {
  const isTransaction = BRITTLE.steps.find(({ kind }) => kind === 'transaction');
  const path = pathWithout({ inDoubt: (row) => CONDITIONS.inDoubt(row, isTransaction) });
  expect(path.at(-1)).toBe('saga is CANCELLED, and A is not undone');
});

test('a history that counts an attempt without an answer as answered forgets what that attempt did: six transitions', () => {
  const path = pathWithout({ isUnanswered: ({ checkIns, retryCount }) => checkIns > retryCount + 1 });
  expect(path).toHaveLength(6 + 1);
  expect(path.at(-1)).toBe('saga is COMPENSATED, and A is not undone');
});

test('a TerminalError that is believed of an earlier run leaves what that run did: five transitions', () => {
  const path = pathWithout({ tellsJudge: (error) => !isTerminalError(error) });
  expect(path).toHaveLength(5 + 1);
  expect(path.at(-1)).toBe('saga is COMPENSATED, and A is not undone');
});

test('a job of a parked saga that is delivered again is no retry: seven transitions', () => {
  const path = pathWithout({ isRetry: () => true });
  expect(path).toHaveLength(7 + 1);
  expect(path.at(-1)).toBe('a parked saga went on by itself');
});

test('a compensation is not given up by a run that is not the newest: seven transitions', () => {
  const path = pathWithout({ isNewestUndo: () => true });
  expect(path).toHaveLength(7 + 1);
  expect(path.at(-1)).toBe('a compensation was given up by a run that is not the newest');
});

test('a process that dies after its job noted the task, before the job failed, is no retry: seven transitions', () => {
  const path = pathWithout({ wasRetried: ({ noted }) => noted !== undefined });
  expect(path).toHaveLength(7 + 1);
  expect(path.at(-1)).toBe('a parked saga went on by itself');
});

test('numbers that come again at a retry give a run from before it the word: eleven transitions', () => {
  const path = pathWithout({ checkInsAfterRetry: () => 0 }, { definition: SHORT, forgets: true });
  expect(path).toHaveLength(11 + 1);
  expect(path.at(-1)).toBe('a compensation was given up by a run that is not the newest');
});

test('a run without its lock that notes the task makes the next run a retry: twelve transitions', () => {
  const path = pathWithout({}, { definition: SHORT, forgets: true, notesWithLock: false });
  expect(path).toHaveLength(12 + 1);
  expect(path.at(-1)).toBe('a parked saga went on by itself');
});

test('a saga that is sent forward and forgets its doubt leaves what its first run did: eight transitions', () => {
  const path = pathWithout({ checkInsSentForward: () => 0 }, { definition: UNSURE });
  expect(path).toHaveLength(8 + 1);
  expect(path.at(-1)).toBe('saga is CANCELLED, and A is not undone');
});

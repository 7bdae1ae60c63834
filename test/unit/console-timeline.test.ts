import type { LogEntry, SagaView, StepView } from '../../console/src/api/types.ts';
import { timeline } from '../../console/src/model/timeline.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1, 3) + ms).toISOString();

const step = (name: string, parts: Partial<StepView> = {}): StepView => ({
  name,
  status: 'PENDING',
  output: null,
  attempts: 0,
  error: null,
  startedAt: null,
  doneAt: null,
  compensationAttempts: 0,
  compensationError: null,
  compensatedAt: null,
  kind: 'step',
  undo: 'auto',
  instructions: null,
  maxAttempts: 3,
  ...parts,
});

const logged = (ms: number, event: string, parts: Partial<LogEntry> = {}): LogEntry => ({
  at: at(ms),
  event,
  step: null,
  attempt: null,
  message: null,
  actor: null,
  ...parts,
});

const saga = (parts: Partial<SagaView>): SagaView => ({
  sagaId: 'book_trip-1',
  type: 'BOOK_TRIP',
  status: 'RUNNING',
  currentStep: 'CHARGE',
  stepIndex: 1,
  error: null,
  reason: null,
  retryCount: 0,
  startedAt: at(0),
  updatedAt: at(0),
  completedAt: null,
  timeoutAt: null,
  generation: 1,
  input: {},
  state: {},
  waitUntil: null,
  next: '',
  steps: [],
  tasks: [],
  log: [],
  ...parts,
});

const told = (view: SagaView) =>
  timeline(view).map(({ step, title, tookMs, afterMs }) => [step, title, tookMs, afterMs]);

test('steps and log are one history, in order, with how long each took and the pauses between', () => {
  const view = saga({
    status: 'COMPLETED',
    completedAt: at(4_000),
    steps: [
      step('RESERVE', { startedAt: at(10), doneAt: at(110), attempts: 1 }),
      step('CHARGE', { startedAt: at(120), doneAt: at(3_900), attempts: 2 }),
    ],
    log: [logged(1_000, 'attempt failed', { step: 'CHARGE', attempt: 1, message: 'timeout' })],
  });
  expect(told(view)).toEqual([
    [null, 'Saga started', null, 0],
    ['RESERVE', 'began', null, 10],
    ['RESERVE', 'done', 100, 100],
    ['CHARGE', 'began', null, 10],
    ['CHARGE', 'attempt failed (1)', null, 880],
    ['CHARGE', 'done at attempt 2', 3_780, 2_900],
    [null, 'Saga completed', 4_000, 100],
  ]);
});

test('what a person did carries the name and the words', () => {
  const log = [logged(50, 'undone by hand', { step: 'CHARGE', actor: 'mona', message: 'not in the books' })];
  expect(timeline(saga({ log }))).toContainEqual(
    expect.objectContaining({ title: 'undone by hand', actor: 'mona', detail: 'not in the books', tone: 'undone' }),
  );
});

test('an event that this console does not know is shown as it is called', () => {
  expect(told(saga({ log: [logged(5, 'moon eclipsed')] }))[1]).toEqual([null, 'moon eclipsed', null, 5]);
});

test('a parked saga has not ended', () => {
  const titles = timeline(saga({ status: 'FAILED', completedAt: null })).map(({ title }) => title);
  expect(titles).toEqual(['Saga started']);
});

test('moments of the same millisecond stay in the order of the record, and keys are unique', () => {
  const steps = [step('A', { startedAt: at(0), doneAt: at(0), attempts: 1 }), step('B', { startedAt: at(0) })];
  const moments = timeline(saga({ steps }));
  expect(moments.map(({ step, title }) => [step, title])).toEqual([
    [null, 'Saga started'],
    ['A', 'began'],
    ['A', 'done'],
    ['B', 'began'],
  ]);
  expect(new Set(moments.map(({ key }) => key)).size).toBe(4);
});

test('instructions for a person are not repeated as what happened', () => {
  const steps = [step('CHARGE', { undo: 'manual', instructions: 'Call the bank' })];
  const log = [logged(5, 'compensation failed', { step: 'CHARGE', attempt: 1, message: 'Call the bank' })];
  expect(timeline(saga({ steps, log }))[1]).toMatchObject({ title: 'undo failed (1)', detail: null });
});

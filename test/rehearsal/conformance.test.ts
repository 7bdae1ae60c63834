import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Fault, Rehearsal } from '../../src/rehearsal/index.ts';
import { memoryDb, rehearse } from '../../src/rehearsal/index.ts';
import { describeFault } from '../../src/rehearsal/fault.ts';
import type { Work } from '../../src/processors/workers.ts';
import type { SagaView } from '../../src/store/views.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import type { Visitor } from './journey.ts';
import { THROWN, journey, strikes } from './journey.ts';

const always = { times: Number.POSITIVE_INFINITY };
const last: Fault = { step: 'TELL', kind: 'refuses' };

/** What one engine can go through at the same time. */
const SIDE_BY_SIDE: readonly (readonly Fault[])[] = [
  [],
  [{ step: 'BOOK', kind: 'throws' }],
  [{ step: 'BOOK', kind: 'throws', ...always }],
  [{ step: 'NOTE', kind: 'throws-after', ...always }],
  [{ step: 'NOTE', kind: 'times-out-after' }, last],
  [{ step: 'APPROVE', kind: 'refuses' }],
  [{ step: 'APPROVE', kind: 'throws' }],
  [{ step: 'APPROVE', call: 'accept', kind: 'throws' }],
  [{ step: 'APPROVE', call: 'accept', kind: 'refuses' }],
  [{ step: 'APPROVE', call: 'accept', kind: 'throws', ...always }],
  [{ step: 'APPROVE', kind: 'unanswered' }],
  [{ step: 'PAY', kind: 'throws-after', ...always }],
  [{ step: 'PAY', kind: 'throws', ...always }],
  [
    { step: 'PAY', kind: 'times-out' },
    { step: 'PAY', kind: 'refuses' },
  ],
  [
    { step: 'PAY', kind: 'times-out-after', ...always },
    { step: 'PAY', call: 'verify', kind: 'throws' },
  ],
  [{ step: 'TELL', kind: 'throws-after', ...always }],
  [{ step: 'TELL', kind: 'times-out', ...always }],
  [last],
  [last, { step: 'PAY', call: 'undo', kind: 'throws' }],
  [last, { step: 'PAY', call: 'undo', kind: 'throws', ...always }],
  [last, { step: 'NOTE', call: 'undo', kind: 'refuses' }],
  [last, { step: 'BOOK', call: 'undo', kind: 'times-out-after' }],
  [{ step: 'PAY', kind: 'cancelled' }],
  [{ step: 'TELL', kind: 'cancelled-after' }],
];

/** What takes its process with it. */
const DEADLY: readonly (readonly Fault[])[] = [
  [{ step: 'BOOK', kind: 'dies' }],
  [
    { step: 'BOOK', kind: 'dies-after' },
    { step: 'BOOK', kind: 'refuses' },
  ],
  [{ step: 'NOTE', kind: 'dies-after' }, last],
  [
    { step: 'PAY', kind: 'dies' },
    { step: 'PAY', kind: 'throws', ...always },
  ],
  [last, { step: 'PAY', call: 'undo', kind: 'dies-after' }],
];

const POINTS = [...SIDE_BY_SIDE, ...DEADLY];
const nameOf = (faults: readonly Fault[]) => faults.map(describeFault).join(' + ') || 'nothing';
const byName = new Map(POINTS.map((faults) => [nameOf(faults), { strike: strikes(faults), calls: [] as string[] }]));

let engine: Engine;
let work: Work;
let onDeath: () => void = () => undefined;
/** A process that is being stopped may be given a job once more: it is dead to us. */
let isDead = false;

/** The harm itself, done to the engine. */
const harm: Visitor = async ({ name, sagaId, step, kind, attempt, signal }, effect) => {
  if (isDead) await never();
  const run = byName.get(name);
  if (!run) throw new Error(`No run ${name}`);
  run.calls.push(`${kind} ${step} ${attempt}`);
  const fault = run.strike(step, kind);
  const acts = fault === undefined || fault.endsWith('-after') || fault === 'unanswered';
  if (acts) effect();
  switch (fault) {
    case undefined:
      if (step === 'APPROVE' && kind === 'do') answerLater(sagaId);
      return;
    case 'throws':
    case 'throws-after':
    case 'refuses':
      throw THROWN[fault](step);
    case 'cancelled-after':
      await cancel(sagaId);
      return;
    case 'cancelled':
      await cancel(sagaId);
      await untilAborted(signal);
      return;
    case 'times-out':
    case 'times-out-after':
      await untilAborted(signal);
      return;
    case 'dies':
    case 'dies-after':
      isDead = true;
      onDeath();
      await never();
      return;
    default:
      return;
  }
};

function answerLater(sagaId: string): void {
  setTimeout(() => void engine.runner.signal(sagaId, 'APPROVE', { approved: true }), 50);
}

async function cancel(sagaId: string): Promise<void> {
  await engine.runner.cancel(sagaId, { actor: 'rehearsal', reason: 'cancelled, as rehearsed' });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

const never = () => new Promise<void>(() => undefined);

const startWork = () => engine.another().work({ graceMs: 0 });

beforeAll(async () => {
  engine = await startEngine((db) => [journey(harm, db)], { work: false });
  work = await startWork();
});
afterAll(() => engine.close());

/** What the engine and a rehearsal are to agree on. */
function agreed({ status, error, state, steps, tasks }: SagaView | Rehearsal) {
  return {
    status,
    error,
    state: { ...(state as object), name: undefined },
    steps: steps.map((step) => ({ name: step.name, status: step.status, attempts: step.attempts, error: step.error })),
    tasks: tasks.map(({ step, kind, message }) => ({ step, kind, message })),
  };
}

async function rehearsed(faults: readonly Fault[]) {
  const definition = journey((_visit, effect) => effect(), memoryDb({}));
  const rehearsal = await rehearse(definition, {
    input: { name: nameOf(faults) },
    faults,
    signals: { APPROVE: { approved: true } },
  });
  expect(rehearsal.unstruck).toEqual([]);
  const calls = rehearsal.calls.map(({ kind, step, attempt }) => `${kind} ${step} ${attempt}`);
  return { ...agreed(rehearsal), calls, undone: rehearsal.undone };
}

async function run(faults: readonly Fault[]) {
  const name = nameOf(faults);
  const { sagaId } = await engine.runner.start('JOURNEY', { name });
  const saga = await engine.ended(sagaId, 40_000);
  const undone = saga.log.filter(({ event }) => event === 'compensated').map(({ step }) => step);
  return { ...agreed(saga), calls: byName.get(name)?.calls, undone };
}

test('the engine and a rehearsal tell the same story, whatever strikes', async () => {
  const real = await Promise.all(SIDE_BY_SIDE.map(async (faults) => [nameOf(faults), await run(faults)] as const));
  const told = await Promise.all(
    SIDE_BY_SIDE.map(async (faults) => [nameOf(faults), await rehearsed(faults)] as const),
  );
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(real));
});

test.each(DEADLY.map((faults) => [nameOf(faults), faults] as const))(
  'and where a process dies: %s',
  async (_name, faults) => {
    const died = new Promise<void>((resolve) => (onDeath = resolve));
    const running = run(faults);
    await died;
    await work.close();
    isDead = false;
    work = await startWork();
    expect(await rehearsed(faults)).toEqual(await running);
  },
);

import { executeKey } from '../core/keys.ts';
import { checkSignal } from '../core/request.ts';
import type { Engine } from './engine.ts';
import { ASLEEP_KINDS, BEFORE_KINDS } from './instrument.ts';
import type { Memory } from './memory-store.ts';

/** What a waiting step asked, for whoever serves it. */
export interface Request {
  readonly sagaId: string;
  readonly step: string;
  /** The step's `key`. */
  readonly key: string;
  readonly input: unknown;
  readonly state: unknown;
}

/** A waiting step's answer, or what serves its request and answers. */
export type Answer = object | ((request: Request) => unknown);

/** How long a job rests when the database is out of reach, in milliseconds. */
const REST_MS = 1_000;

/** Whether the saga was turned back before its next step began. */
export async function turnedBefore(engine: Engine, step: string): Promise<boolean> {
  const { stage } = engine;
  const { memory } = stage;
  if (memory.saga.checkIns > 0 && memory.ahead === undefined) return false;
  switch (stage.strike(step, 'do', BEFORE_KINDS)) {
    case 'cancelled-before':
      await stage.cancel();
      return true;
    case 'overdue-before':
      await recallOverdue(engine);
      return true;
    default:
      return false;
  }
}

/** The deadline passes while no process works, and the reconciler finds the saga. */
export async function recallOverdue({ stage, context }: Engine): Promise<void> {
  const { saga, clock } = stage.memory;
  const { sagaId, generation } = saga.record;
  clock.advance(Math.max(saga.timeoutAtMs - clock.nowMs(), 0));
  await context.verdicts.recall(sagaId, generation, 'TIMEOUT', 'Saga timeout exceeded');
}

/** A waiting step sleeps: until its answer comes, or its time is over, or something else becomes of its saga. */
export async function sleep(engine: Engine, step: string, signals: Readonly<Record<string, Answer>>): Promise<void> {
  const { stage } = engine;
  const { saga } = stage.memory;
  if (saga.waitUntilMs === null) return rest(stage.memory);
  switch (saga.signals.has(step) ? undefined : stage.strike(step, 'do', ASLEEP_KINDS)) {
    case 'cancelled':
      return stage.cancel();
    case 'cancelled-after':
      await serve(engine, step, signals[step]);
      return stage.cancel();
    case 'overdue':
      return recallOverdue(engine);
    case 'overdue-after':
      await serve(engine, step, signals[step]);
      return recallOverdue(engine);
    case 'unanswered':
      return sleepOn(stage.memory);
    case 'answer-lost':
      await serve(engine, step, signals[step]);
      return sleepOn(stage.memory);
    default:
      return receive(engine, step, await serve(engine, step, signals[step]));
  }
}

async function serve({ stage }: Engine, step: string, answer: Answer | undefined): Promise<unknown> {
  if (typeof answer !== 'function') return answer;
  const { record, input, state } = stage.memory.saga;
  const { sagaId } = record;
  return answer({ sagaId, step, key: executeKey(sagaId, step), input: JSON.parse(input), state: JSON.parse(state) });
}

/** As `runner.signal`: an answer that the step's schema refuses is the author's to mend. */
function receive({ stage, context }: Engine, step: string, answer: unknown): void {
  const { memory } = stage;
  if (answer === undefined) return sleepOn(memory);
  checkSignal(context.registry, memory.saga.record.type, step, answer);
  const signals = new Map([...memory.saga.signals, [step, JSON.stringify(answer)]]);
  memory.saga = { ...memory.saga, signals };
}

function sleepOn({ saga, clock }: Memory): void {
  const untilMs = Math.min(saga.waitUntilMs ?? 0, saga.timeoutAtMs);
  clock.advance(Math.max(untilMs - clock.nowMs(), 0));
}

/** The job rests without using an attempt. */
export function rest({ clock }: Memory): void {
  clock.advance(REST_MS);
}

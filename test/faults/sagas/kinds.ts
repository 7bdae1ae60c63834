import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { SqlRunner } from '../../../src/index.ts';
import { NOTHING_TO_UNDO, TerminalError, writeEvent } from '../../../src/index.ts';
import type { LedgerClient } from './ledger-client.ts';
import { TurnedAwayError } from './ledger-client.ts';

/** What a saga of the suite is asked to go through. */
export const requestSchema = z.object({
  n: z.number().int(),
  /** The step that refuses for good. */
  refusedAt: z.string().nullable(),
  /** The step whose undo is turned away at first, so many times; three use its attempts up. */
  undoFailsAt: z.string().nullable(),
  undoFailures: z.number().int(),
  /** How long each step takes, in milliseconds. */
  paceMs: z.number().int(),
  answer: z.enum(['yes', 'no', 'none']),
});
export type Request = z.infer<typeof requestSchema>;

interface Doing {
  readonly sagaId: string;
  readonly step: string;
  readonly key: string;
  readonly input: Request;
  readonly signal: AbortSignal;
}
interface Undoing extends Doing {
  readonly executeKey: string;
}
interface InTransaction {
  readonly tx: SqlRunner;
}

const RETRIES = { attempts: 3, backoffMs: 200, timeoutMs: 3_000 } as const;
const WAIT_MS = 4_000;
/** A transaction holds a connection, of which a worker has twenty. */
const IN_TRANSACTION_MS = 700;
const answerSchema = z.object({ answer: z.enum(['yes', 'no']) });
type Answered = Doing & InTransaction & { readonly answer: z.infer<typeof answerSchema> };

/** Does nothing that is to be undone. */
export function lookStep(ledger: LedgerClient) {
  return { ...RETRIES, execute: (doing: Doing) => begin(ledger, doing), compensate: NOTHING_TO_UNDO };
}

/** Acts in the ledger. Its errors prove nothing: it needs a `verify`, or `onError: 'unknown'`. */
export function actingStep(ledger: LedgerClient) {
  return {
    ...RETRIES,
    execute: (doing: Doing) => begin(ledger, doing).then(() => act(ledger, doing)),
    compensate: (undoing: Undoing) => undo(ledger, undoing),
  };
}

export function verifiedStep(ledger: LedgerClient) {
  return { ...actingStep(ledger), verify: (doing: Doing) => verify(ledger, doing) };
}

/** Acts in the ledger too, and an error of it means that nothing happened: where that is not certain, it gives no answer. */
export function guardedStep(ledger: LedgerClient) {
  return {
    ...actingStep(ledger),
    execute: (doing: Doing) =>
      begin(ledger, doing).then(() => act(ledger, doing).catch((error: unknown) => silentUnlessTurnedAway(error))),
  };
}

/**
 * One attempt in the ledger, of which an error says nothing: only a person can find out. The first of a third of the sagas
 * does nothing, and that of another acts and does not say so.
 */
export function doubtfulStep(ledger: LedgerClient) {
  return {
    ...actingStep(ledger),
    attempts: 1,
    onError: 'unknown' as const,
    execute: async (doing: Doing) => {
      await begin(ledger, doing);
      const third = doing.input.n % 3;
      const { outcome, output } = await actOnce(ledger, doing, third === 1 ? 1 : 0);
      if (third === 2 && outcome === 'done') throw new Error('The answer made no sense');
      return output;
    },
  };
}

/** Writes a row and an event. */
export function enteringStep(ledger: LedgerClient) {
  return {
    ...RETRIES,
    execute: async (doing: Doing & InTransaction) => {
      await enter(ledger, doing, 'fault.entered');
      return { entered: doing.key };
    },
    compensate: (undoing: Undoing & InTransaction) => undoIn(ledger, undoing, 'fault.left'),
  };
}

export function closingStep(ledger: LedgerClient) {
  return {
    ...RETRIES,
    execute: (doing: Doing & InTransaction) => enter(ledger, doing, 'fault.closed'),
    compensate: NOTHING_TO_UNDO,
  };
}

/** Asks by an event. Whoever hears it acts in the ledger under the step's key, and answers. */
export function askingStep(ledger: LedgerClient) {
  return {
    attempts: RETRIES.attempts,
    backoffMs: RETRIES.backoffMs,
    timeoutMs: WAIT_MS,
    request: async (doing: Doing & InTransaction) => {
      await begin(ledger, doing, 0);
      await writeEffect(doing.tx, doing, doing.key, 'ask');
      await tell(doing, doing.key, 'fault.asked');
    },
    signal: answerSchema,
    accept: async (doing: Answered) => {
      if (doing.answer.answer === 'no') throw new TerminalError('The answer was no', { code: 'ANSWERED_NO' });
      await writeEffect(doing.tx, doing, doing.key, 'do');
      return { asked: doing.key };
    },
    compensate: (undoing: Undoing & InTransaction) => undoIn(ledger, undoing, 'fault.withdrawn'),
  };
}

/** The ledger hears that code begins to run before it does anything. */
async function begin(ledger: LedgerClient, doing: Doing, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
  const { sagaId, step, key, input, signal } = doing;
  await ledger.act({ what: 'begin', key, sagaId, step });
  if (input.refusedAt === step) throw new TerminalError(`${step} refuses`, { code: 'REFUSED' });
  await sleep(Math.min(input.paceMs, mostMs), undefined, { signal });
}

async function act(ledger: LedgerClient, doing: Doing) {
  return (await actOnce(ledger, doing, 0)).output;
}

async function actOnce(ledger: LedgerClient, { sagaId, step, key, signal }: Doing, failFirst: number) {
  const outcome = await ledger.act({ what: 'do', key, sagaId, step, failFirst }, signal);
  if (outcome === 'refused') throw new Error(`${key} was voided`);
  return { outcome, output: { [step.toLowerCase()]: key } };
}

async function verify(ledger: LedgerClient, { sagaId, step, key, signal }: Doing) {
  const outcome = await ledger.act({ what: 'settle', key, sagaId, step }, signal);
  if (outcome !== 'done') return { kind: 'not-done' as const };
  return { kind: 'done' as const, output: { [step.toLowerCase()]: key } };
}

function silentUnlessTurnedAway(error: unknown): Promise<never> {
  if (error instanceof TurnedAwayError) throw error;
  return new Promise(() => undefined);
}

async function enter(ledger: LedgerClient, doing: Doing & InTransaction, event: string): Promise<void> {
  await begin(ledger, doing, IN_TRANSACTION_MS);
  await writeEffect(doing.tx, doing, doing.key, 'do');
  await tell(doing, doing.key, event);
}

async function undo(ledger: LedgerClient, undoing: Undoing): Promise<void> {
  const { sagaId, step, executeKey: key, signal } = undoing;
  await ledger.act({ what: 'undo-begin', key, sagaId, step });
  await ledger.act({ what: 'undo', key, sagaId, step, failFirst: failuresOf(undoing) }, signal);
}

/** Asks for leave last: where it is turned away, what it wrote is rolled back. */
async function undoIn(ledger: LedgerClient, undoing: Undoing & InTransaction, event: string): Promise<void> {
  const { sagaId, step, executeKey: key } = undoing;
  await ledger.act({ what: 'undo-begin', key, sagaId, step });
  await writeEffect(undoing.tx, undoing, key, 'undo');
  await tell(undoing, key, event);
  await ledger.act({ what: 'permit', key, sagaId, step, failFirst: failuresOf(undoing) });
}

function failuresOf({ input, step }: Doing): number {
  return input.undoFailsAt === step ? input.undoFailures : 0;
}

async function writeEffect(
  tx: SqlRunner,
  { sagaId, step }: Doing,
  key: string,
  what: 'ask' | 'do' | 'undo',
): Promise<void> {
  const insert = `INSERT INTO fault_effect (key, saga_id, step, what) VALUES ($1, $2, $3, $4)`;
  await tx.$executeRawUnsafe(insert, key, sagaId, step, what);
}

async function tell({ tx, sagaId }: Doing & InTransaction, key: string, event: string): Promise<void> {
  await writeEvent(tx, { name: event, key: `${key}:${event}`, payload: { sagaId, key } });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { SqlRunner } from '../../src/index.ts';
import { NOTHING_TO_UNDO, TerminalError, writeEvent } from '../../src/index.ts';
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
const IN_TRANSACTION_MS = 200;
const answerSchema = z.object({ answer: z.enum(['yes', 'no']) });

/** The steps of the suite's sagas. Each tells the ledger that it begins before it does anything. */
export function steps(ledger: LedgerClient) {
  const begin = async ({ sagaId, step, key, input, signal }: Doing, mostMs = Number.POSITIVE_INFINITY) => {
    await ledger.act({ what: 'begin', key, sagaId, step });
    if (input.refusedAt === step) throw new TerminalError(`${step} refuses`, { code: 'REFUSED' });
    await sleep(Math.min(input.paceMs, mostMs), undefined, { signal });
  };
  const act = async (doing: Doing) => {
    const { sagaId, step, key, signal } = doing;
    const outcome = await ledger.act({ what: 'do', key, sagaId, step }, signal);
    if (outcome === 'refused') throw new Error(`${key} was voided`);
    return { [step.toLowerCase()]: key };
  };
  const beginUndo = ({ sagaId, step, executeKey: key }: Undoing) =>
    ledger.act({ what: 'undo-begin', key, sagaId, step });
  const undo = async (undoing: Undoing) => {
    const { sagaId, step, executeKey: key, signal } = undoing;
    await beginUndo(undoing);
    await ledger.act({ what: 'undo', key, sagaId, step, failFirst: failuresOf(undoing) }, signal);
  };
  const undoIn = async (undoing: Undoing & InTransaction, event: string) => {
    const { tx, sagaId, step, executeKey: key } = undoing;
    await beginUndo(undoing);
    await writeEffect(tx, undoing, 'undo');
    await writeEvent(tx, { name: event, key: `${key}:${event}`, payload: { sagaId, key } });
    await ledger.act({ what: 'permit', key, sagaId, step, failFirst: failuresOf(undoing) });
  };
  return {
    look: { ...RETRIES, execute: (doing: Doing) => begin(doing), compensate: NOTHING_TO_UNDO },
    acting: { ...RETRIES, execute: (doing: Doing) => begin(doing).then(() => act(doing)), compensate: undo },
    verified: { verify: (doing: Doing) => verify(ledger, doing) },
    /** Has no `verify`, and an error of it means that nothing happened: where that is not certain, it gives no answer. */
    guarded: {
      ...RETRIES,
      execute: (doing: Doing) => begin(doing).then(() => act(doing).catch(silentUnlessTurnedAway)),
      compensate: undo,
    },
    entering: {
      ...RETRIES,
      execute: async (doing: Doing & InTransaction) => {
        await begin(doing, IN_TRANSACTION_MS);
        await writeEffect(doing.tx, doing, 'do');
        await tell(doing, 'fault.entered');
        return { entered: doing.key };
      },
      compensate: (undoing: Undoing & InTransaction) => undoIn(undoing, 'fault.left'),
    },
    asking: {
      attempts: RETRIES.attempts,
      backoffMs: RETRIES.backoffMs,
      timeoutMs: WAIT_MS,
      request: async (doing: Doing & InTransaction) => {
        await begin(doing, 0);
        await writeEffect(doing.tx, doing, 'ask');
        await tell(doing, 'fault.asked');
      },
      signal: answerSchema,
      accept: async (doing: Doing & InTransaction & { readonly answer: z.infer<typeof answerSchema> }) => {
        if (doing.answer.answer === 'no') throw new TerminalError('The answer was no', { code: 'ANSWERED_NO' });
        await writeEffect(doing.tx, doing, 'do');
        return { asked: doing.key };
      },
      compensate: (undoing: Undoing & InTransaction) => undoIn(undoing, 'fault.withdrawn'),
    },
    closing: {
      ...RETRIES,
      execute: async (doing: Doing & InTransaction) => {
        await begin(doing, IN_TRANSACTION_MS);
        await writeEffect(doing.tx, doing, 'do');
        await tell(doing, 'fault.closed');
      },
      compensate: NOTHING_TO_UNDO,
    },
  };
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

function failuresOf({ input, step }: Doing): number {
  return input.undoFailsAt === step ? input.undoFailures : 0;
}

async function writeEffect(tx: SqlRunner, doing: Doing | Undoing, what: 'ask' | 'do' | 'undo'): Promise<void> {
  const key = 'executeKey' in doing ? doing.executeKey : doing.key;
  await tx.$executeRawUnsafe(
    `INSERT INTO fault_effect (key, saga_id, step, what) VALUES ($1, $2, $3, $4)`,
    key,
    doing.sagaId,
    doing.step,
    what,
  );
}

async function tell({ tx, key, sagaId }: Doing & InTransaction, event: string): Promise<void> {
  await writeEvent(tx, { name: event, key: `${key}:${event}`, payload: { sagaId, key } });
}

import type { Ask } from './api.ts';
import { pause } from './api.ts';
import type { Act, LedgerLine, Outcome } from '../sagas/ledger-book.ts';
import type { LedgerClient } from '../sagas/ledger-client.ts';
import type { Random } from '../random.ts';

/** What people and systems outside have at hand. */
export interface Outside {
  readonly ask: Ask;
  readonly ledger: LedgerClient;
  readonly sandboxUrl: string;
  readonly random: Random;
  readonly stopped: AbortSignal;
}

/** Between two looks at what there is to do, in milliseconds. */
export const LOOK_MS = 300;

/** False if there was no time left for it. */
export async function undoByHand(
  outside: Outside,
  effect: Pick<LedgerLine, 'sagaId' | 'key' | 'step'>,
): Promise<boolean> {
  return (await askLedger(outside, { ...effect, what: 'undo' })) !== undefined;
}

/** Undefined if there was no time left for an answer. */
export async function askLedger({ ledger, stopped }: Outside, act: Omit<Act, 'pid'>): Promise<Outcome | undefined> {
  while (!stopped.aborted) {
    try {
      return await ledger.act(act);
    } catch {
      await pause(LOOK_MS, stopped);
    }
  }
  return undefined;
}

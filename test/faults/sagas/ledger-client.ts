import type { Act, LedgerLine, Outcome } from './ledger-book.ts';

/** The ledger said that it did not hear the request: nothing was done. */
export class TurnedAwayError extends Error {
  override readonly name = 'TurnedAwayError';
}

export interface LedgerClient {
  /** Throws a `TurnedAwayError` where nothing was done; any other error says nothing about it. */
  act(act: Omit<Act, 'pid'>, signal?: AbortSignal): Promise<Outcome>;
  /** The lines after the first `from`, and how many requests are under way. */
  lines(from?: number): Promise<{ readonly lines: readonly LedgerLine[]; readonly pending: number }>;
  calm(): Promise<void>;
}

export function ledgerClient(url: string): LedgerClient {
  return {
    act: async (act, signal) => {
      const response = await fetch(`${url}/act`, {
        method: 'POST',
        body: JSON.stringify({ ...act, pid: process.pid }),
        ...(signal === undefined ? {} : { signal }),
      });
      const { outcome } = (await response.json()) as { outcome: Outcome };
      if (outcome === 'unavailable') throw new TurnedAwayError(`The ledger turned ${act.what} of ${act.key} away`);
      return outcome;
    },
    lines: async (from = 0) => {
      const response = await fetch(`${url}/lines?from=${from}`);
      return (await response.json()) as { lines: LedgerLine[]; pending: number };
    },
    calm: async () => {
      await fetch(`${url}/calm`, { method: 'POST' });
    },
  };
}

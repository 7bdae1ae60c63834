/** What a step or a consumer tells the outside world, or asks of it. */
export const ACTS = ['begin', 'undo-begin', 'do', 'settle', 'undo', 'permit', 'event', 'stale'] as const;

/**
 * `begin` and `undo-begin`: code begins to run. `do`, `undo`, `settle`: an effect is made, taken back, asked for, by its
 * key. `permit`: may an undo go on? `event`: an event was consumed. `stale`: an old generation was let through the fence.
 */
export interface Act {
  readonly what: (typeof ACTS)[number];
  /** The key of the effect, which is the key of `execute`; of an event its own. */
  readonly key: string;
  readonly sagaId: string;
  readonly step: string;
  readonly pid: number;
  /** How many calls of this kind under the key are refused before one is heard. Default 0. */
  readonly failFirst?: number;
}

export type Outcome =
  | 'noted'
  | 'done'
  | 'repeated'
  /** The key was voided: nothing may be done under it. */
  | 'refused'
  | 'undone'
  /** Nothing had been done under the key, and nothing ever will be. */
  | 'voided'
  | 'unavailable';

export interface LedgerLine extends Act {
  /** From 1, in the order of arrival. */
  readonly n: number;
  readonly atMs: number;
  readonly outcome: Outcome;
}

export interface LedgerBook {
  act(act: Act): LedgerLine;
  /** Answers `unavailable` without hearing it, as a system that is down does. */
  turnAway(act: Act): LedgerLine;
  lines(): readonly LedgerLine[];
}

type Effect = 'done' | 'undone' | 'voided';

/** The outside world of the every-kind sagas. An undo voids its key for good: without that, no undo could be relied on. */
export function createLedgerBook(now: () => number): LedgerBook {
  const lines: LedgerLine[] = [];
  const effects = new Map<string, Effect>();
  const turnedAway = new Map<string, number>();

  const write = (act: Act, outcome: Outcome): LedgerLine => {
    const line = { ...act, n: lines.length + 1, atMs: now(), outcome };
    lines.push(line);
    return line;
  };
  const isDue = ({ what, key, failFirst = 0 }: Act): boolean => {
    const times = turnedAway.get(`${what} ${key}`) ?? 0;
    if (times >= failFirst) return false;
    turnedAway.set(`${what} ${key}`, times + 1);
    return true;
  };
  return {
    turnAway: (act) => write(act, 'unavailable'),
    lines: () => lines,
    act: (act) => {
      if (isDue(act)) return write(act, 'unavailable');
      const [outcome, effect] = answer(act.what, effects.get(act.key));
      if (effect) effects.set(act.key, effect);
      return write(act, outcome);
    },
  };
}

/** What an act comes to, and what becomes of the effect. */
function answer(what: Act['what'], known: Effect | undefined): readonly [Outcome, Effect?] {
  switch (what) {
    case 'do':
      if (known === undefined) return ['done', 'done'];
      return [known === 'done' ? 'repeated' : 'refused'];
    case 'undo':
      if (known === 'done') return ['undone', 'undone'];
      return known === undefined ? ['voided', 'voided'] : ['repeated'];
    case 'settle':
      if (known === 'done') return ['done'];
      return known === undefined ? ['voided', 'voided'] : ['voided'];
    case 'begin':
    case 'undo-begin':
    case 'permit':
    case 'event':
    case 'stale':
      return ['noted'];
    default:
      return what satisfies never;
  }
}

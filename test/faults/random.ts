import { createHash } from 'node:crypto';

/** Chance that comes out the same again for the same seed. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number, both bounds included. */
  integer(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Picks more often what weighs more. */
  weighted<T extends { readonly weight: number }>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
}

/** `stream` gives parts of a run chances of their own: one that draws more often does not change what another draws. */
export function seededRandom(seed: number, stream = ''): Random {
  const fraction = drawsOf(`${seed}:${stream}`);
  const integer: Random['integer'] = (least, most) => least + Math.floor(fraction() * (most - least + 1));
  const pick: Random['pick'] = (items) => present(items[integer(0, items.length - 1)]);
  return {
    fraction,
    integer,
    pick,
    chance: (probability) => fraction() < probability,
    weighted: (items) => {
      let left = fraction() * items.reduce((sum, { weight }) => sum + weight, 0);
      return present(items.find(({ weight }) => (left -= weight) < 0) ?? items.at(-1));
    },
    shuffle: (items) => {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = integer(0, last);
        [shuffled[last], shuffled[other]] = [present(shuffled[other]), present(shuffled[last])];
      }
      return shuffled;
    },
  };
}

/** Each draw is the hash of its place in the stream. Slow, and as good as chance gets. */
function drawsOf(stream: string): () => number {
  let drawn = 0;
  return () => createHash('sha256').update(`${stream}:${drawn++}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

function present<T>(item: T | undefined): T {
  if (item === undefined) throw new Error('There is nothing to pick from');
  return item;
}

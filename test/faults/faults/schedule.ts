import type { Fault, FaultKind } from './fault.ts';
import type { Random } from '../random.ts';
import { seededRandom } from '../random.ts';

export interface Scheduled {
  /** From the run's start, in milliseconds. */
  readonly atMs: number;
  readonly fault: Fault;
}

export interface Plan {
  readonly seed: number;
  readonly durationMs: number;
  /** Between two faults, on average. */
  readonly gapMs: number;
  readonly kinds: readonly FaultKind[];
}

/** What was hit has this long to come to itself before it is hit again, in milliseconds. */
const BREATH_MS = 700;

/** The faults of a run, in order: every kind once, as far as there is time, and then by weight. */
export function planFaults({ seed, durationMs, gapMs, kinds }: Plan): readonly Scheduled[] {
  const random = seededRandom(seed, 'schedule');
  const deck = random.shuffle(kinds);
  const planned: Scheduled[] = [];
  const free = new Map<string, number>();
  for (let atMs = gapMs; atMs < durationMs; atMs += random.integer(0, 2 * gapMs)) {
    const fault = nextFault(deck, kinds, random, (lanes) => lanes.every((lane) => (free.get(lane) ?? 0) <= atMs));
    if (!fault || atMs + fault.forMs > durationMs) continue;
    for (const lane of fault.lanes) free.set(lane, atMs + fault.forMs + BREATH_MS);
    planned.push({ atMs, fault });
  }
  return planned;
}

/** From the deck where one of it may strike now. A kind whose turn has not come goes to the deck's end. */
function nextFault(
  deck: FaultKind[],
  kinds: readonly FaultKind[],
  random: Random,
  isFree: (lanes: readonly string[]) => boolean,
): Fault | undefined {
  for (let tries = deck.length; tries > 0; tries--) {
    const kind = deck.shift();
    if (!kind) break;
    const fault = kind.plan(random);
    if (isFree(fault.lanes)) return { ...fault, name: kind.name };
    deck.push(kind);
  }
  const kind = random.weighted(kinds);
  const fault = kind.plan(random);
  return isFree(fault.lanes) ? { ...fault, name: kind.name } : undefined;
}

export function lineOf({ atMs, fault }: Scheduled): string {
  return `${String(atMs).padStart(6)} ms  ${fault.name}: ${fault.what}`;
}

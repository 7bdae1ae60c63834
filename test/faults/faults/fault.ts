import type { Random } from '../random.ts';
import type { Rig } from '../rig/rig.ts';

/** Something that goes wrong, and is put right again by itself. */
export interface Fault {
  /** The name of its kind. */
  readonly name: string;
  /** What it hits and how, for people; with the name it tells a fault from any other. */
  readonly what: string;
  /** Faults that share a lane never overlap: a server cannot be killed while it is away. */
  readonly lanes: readonly string[];
  /** How long it lasts, about, in milliseconds. */
  readonly forMs: number;
  /** Resolves when it is over and put right. */
  strike(rig: Rig): Promise<void>;
}

export interface FaultKind {
  readonly name: string;
  readonly weight: number;
  /** The seed decides everything that can be decided beforehand. */
  plan(random: Random): Omit<Fault, 'name'>;
}

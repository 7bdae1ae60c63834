import type { Rig } from '../rig/rig.ts';

/** Small enough that all of it is over in minutes, or long enough for the figures of a release. */
export interface Effort {
  /** How long each load is counted, in seconds. */
  readonly loadSeconds: number;
  /** Sagas at an even pace, for latencies. */
  readonly paced: number;
  /** Finished sagas in the full database. */
  readonly finished: number;
  /** How often a worker is killed in one round. */
  readonly kills: number;
  /** Live sagas when Redis is wiped. */
  readonly live: number;
}

export interface Goal {
  /** One letter of the command's `--only`. */
  readonly letter: string;
  readonly what: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Result {
  /** For people. */
  readonly lines: readonly string[];
  readonly goals: readonly Goal[];
  /** For programs: goes into the JSON under the measure's name. */
  readonly json: object;
}

/** Something that is measured once a round, so that all contenders see the same weather. */
export interface Measure {
  readonly name: string;
  /** The letters under which it is asked for. */
  readonly letters: readonly string[];
  prepare?(rig: Rig, effort: Effort): Promise<void>;
  round(rig: Rig, effort: Effort, round: number): Promise<void>;
  result(): Result;
}

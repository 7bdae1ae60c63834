import { parseArgs } from 'node:util';
import { StartupError } from '../src/startup-error.ts';
import type { Effort } from './measures/measure.ts';

export interface BenchOptions {
  /** Letters of what is measured. Empty: everything. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly json: boolean;
  /** Whether to show where the CPU time goes. */
  readonly profile: boolean;
  /** Whether DBOS and Restate take part. */
  readonly peers: boolean;
  readonly effort: Effort;
}

const FULL: Effort = { loadSeconds: 5, paced: 400, finished: 1_000_000, kills: 5, live: 10_000 };
const QUICK: Effort = { loadSeconds: 2, paced: 80, finished: 100_000, kills: 2, live: 2_000 };
const LETTERS = 'abcdefgh';
/** What `--quick` measures unless `--only` says so. */
const ESSENTIAL = ['a', 'b', 'd', 'e'];

/** Throws a `StartupError` that names the option. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parse(args);
  const only = values.only?.split(',') ?? (values.quick ? ESSENTIAL : []);
  const unknown = only.find((letter) => letter.length !== 1 || !LETTERS.includes(letter));
  if (unknown !== undefined)
    throw new StartupError(`--only: expected letters from a to h, separated by commas, got ${JSON.stringify(unknown)}`);
  const effort = values.quick ? QUICK : FULL;
  return {
    only,
    rounds: wholeNumber('--rounds', values.rounds ?? (values.quick ? '2' : '5')),
    json: values.json,
    profile: values.profile,
    peers: values.peers,
    effort: { ...effort, loadSeconds: seconds(values.seconds, effort.loadSeconds) },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        peers: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new StartupError(`${name}: expected a whole number from 1, got ${text}`);
  return Number(text);
}

function seconds(text: string | undefined, fallback: number): number {
  const value = Number(text ?? fallback);
  if (value > 0 && value <= 3_600) return value;
  throw new StartupError(`--seconds: expected a number up to 3600, got ${text}`);
}

/**
 * `npm run test:faults -- [--seed N] [--sagas 1000] [--runs 1] [--short] [--sabotage NAME] [--keep]`: sagas under a seeded
 * storm of faults, in real processes on servers of their own; afterwards everything has to be right. `--keep` keeps the logs
 * of a run that passed.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/core/errors.ts';
import { ensureRedis } from '../support/redis-tools.ts';
import { FAULT_KINDS, HARSH_FAULTS } from './faults/index.ts';
import { runOnce } from './run.ts';
import { sabotagedSource, SABOTAGE_NAMES } from './rig/sabotage.ts';

const FOLDER = '.data/faults';
const FULL = { sagas: 1_000, durationMs: 45_000 };
/** For CI. */
const SHORT = { sagas: 150, durationMs: 18_000 };

function say(line: string): void {
  console.log(`[faults] ${line}`);
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      sagas: { type: 'string' },
      runs: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      sabotage: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const size = values.short ? SHORT : FULL;
  if (values.sabotage !== undefined && !SABOTAGE_NAMES.includes(values.sabotage))
    throw new Error(`--sabotage must be one of ${SABOTAGE_NAMES.join(', ')}, got ${values.sabotage}`);
  return {
    ...size,
    seed: wholeNumber('--seed', values.seed ?? String(1 + Math.floor(Math.random() * 999_999))),
    sagas: wholeNumber('--sagas', values.sagas ?? String(size.sagas)),
    runs: wholeNumber('--runs', values.runs),
    sabotage: values.sabotage,
    kinds: values.sabotage === undefined ? FAULT_KINDS : HARSH_FAULTS,
    keep: values.keep,
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} must be a whole number of at least 1, got ${text}`);
  return Number(text);
}

type Arguments = ReturnType<typeof readArguments>;

/** Whether the run with this seed passed. */
async function passes(options: Arguments, source: string, seed: number, stopped: AbortSignal): Promise<boolean> {
  const folder = `${FOLDER}/seed-${seed}`;
  say(`Seed ${seed}: ${options.sagas} sagas, faults for ${options.durationMs / 1_000} s`);
  try {
    const violations = await runOnce({ ...options, seed, folder, source, stopped, say });
    if (violations.length === 0 && !options.keep) rmSync(folder, { recursive: true });
    say(`Seed ${seed} ${violations.length === 0 ? 'passed' : `failed: --seed ${seed} repeats its schedule`}`);
    return violations.length === 0;
  } catch (error) {
    say(`Seed ${seed} failed: ${stopped.aborted ? 'interrupted' : messageOf(error)}`);
    if (!stopped.aborted) console.error(error);
    return false;
  }
}

async function main(): Promise<number> {
  const options = readArguments();
  process.env['PATH'] = ensureRedis(process.env['PATH'] ?? '', '.data', say);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const copy = `${FOLDER}/${options.sabotage}`;
  const source = options.sabotage === undefined ? 'src' : await sabotagedSource(options.sabotage, copy);
  let [passed, failed] = [0, 0];
  for (let run = 0; run < options.runs && !stop.signal.aborted; run++) {
    if (await passes(options, source, options.seed + run, stop.signal)) passed += 1;
    else failed += 1;
  }
  if (options.sabotage !== undefined) rmSync(copy, { recursive: true });
  // CI reads this last line.
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

try {
  // What a run that was interrupted left half done is not waited for.
  process.exit(await main());
} catch (error) {
  console.error(`[faults] ${messageOf(error)}`);
  process.exit(1);
}

/**
 * `npm run bench -- [--only a,d] [--rounds N] [--seconds N] [--quick] [--peers] [--profile] [--json]`: what a saga
 * costs, beside what one would have without Backstep. Starts servers of its own; every contender has one process that starts sagas and one that runs
 * them; all take turns, round by round, on a fresh database and an empty Redis. `--json` ends with one line of JSON.
 */
import { reasonOf, StartupError } from '../src/startup-error.ts';
import { MEASURES } from './measures/index.ts';
import type { Measure } from './measures/measure.ts';
import { peers } from './measures/peers.ts';
import { profileLines } from './measures/profile.ts';
import type { BenchOptions } from './options.ts';
import { readOptions } from './options.ts';
import { jsonLine, report } from './report/report.ts';
import type { Rig } from './rig/rig.ts';
import { startRig } from './rig/rig.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function run(options: BenchOptions): Promise<void> {
  const isWanted = (letter: string) => options.only.length === 0 || options.only.includes(letter);
  const wanted = options.peers ? [...MEASURES, peers] : MEASURES;
  const measures = wanted.map((create) => create()).filter(({ letters }) => letters.some(isWanted));
  const rig = await startRig(say);
  try {
    await Promise.race([measureAll(rig, measures, options), interruption()]);
  } finally {
    await rig.stop();
  }
  const results = new Map(measures.map((measure) => [measure.name, measure.result()]));
  report([...results.values()]).forEach(say);
  if (options.json) say(jsonLine(results));
}

async function measureAll(rig: Rig, measures: readonly Measure[], options: BenchOptions): Promise<void> {
  const { rounds, effort } = options;
  for (const measure of measures) await measure.prepare?.(rig, effort);
  for (let round = 0; round < rounds; round += 1) {
    say(`Round ${round + 1} of ${rounds}`);
    for (const measure of measures) await measure.round(rig, effort, round);
  }
  if (options.profile) (await profileLines(rig, effort.loadSeconds)).forEach(say);
}

function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new StartupError(`Interrupted by ${signal}`)));
  });
}

try {
  await run(readOptions(process.argv.slice(2)));
} catch (error) {
  const stack = error instanceof Error && !(error instanceof StartupError) ? error.stack : undefined;
  process.stderr.write(`${stack ?? reasonOf(error)}\n`);
  // What was under way may still wait for processes; they end with this one.
  process.exit(1);
}

import { setMaxListeners } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClosing, type Closing } from '../../src/cli/closing.ts';
import { collectEvidence, type Evidence } from './verdict/evidence.ts';
import type { FaultKind } from './faults/fault.ts';
import { heal } from './faults/index.ts';
import { historyOf } from './verdict/history.ts';
import { checkInvariants } from './verdict/invariants/index.ts';
import { startLedger } from './sagas/ledger.ts';
import { stopAndFindLeftovers } from './rig/leftovers.ts';
import type { Rig } from './rig/rig.ts';
import { startRig } from './rig/rig.ts';
import { lineOf, planFaults } from './faults/schedule.ts';
import { strikeAll, type Strikes } from './faults/strikes.ts';
import { summaryOf } from './summary.ts';
import type { Violation } from './types.ts';
import { startReceiver } from './load/receiver.ts';
import { createWorkload, type Workload } from './load/workload.ts';

export interface RunOptions {
  readonly seed: number;
  readonly sagas: number;
  /** How long faults strike and sagas are started, in milliseconds. */
  readonly durationMs: number;
  /** Where everything of this run is written. */
  readonly folder: string;
  /** The program that the processes run: `src`, or a sabotaged copy of it. */
  readonly source: string;
  readonly kinds: readonly FaultKind[];
  readonly stopped: AbortSignal;
  readonly say: (line: string) => void;
}

/** Between two faults, on average. */
const GAP_MS = 600;
/** Only what hangs takes so long, also on a machine with other work to do. */
const SETTLE_MS = 240_000;
const PROGRESS_MS = 3_000;
/** So many failing sagas are told on the screen; the rest in files. */
const TOLD = 2;

/** One run: the world is built, loaded, struck, left to settle, and judged. Nothing of it is left when this resolves. */
export async function runOnce(options: RunOptions): Promise<readonly Violation[]> {
  const closing = createClosing(options.say);
  const over = new AbortController();
  const stopped = AbortSignal.any([options.stopped, over.signal]);
  // Every fault under way listens.
  setMaxListeners(0, stopped);
  try {
    return await play({ ...options, stopped }, closing);
  } finally {
    over.abort();
    await closing.close();
  }
}

async function play(options: RunOptions, closing: Closing): Promise<readonly Violation[]> {
  const { seed, sagas, durationMs, stopped, say } = options;
  const ledger = await startLedger(seed);
  closing.add('the ledger', () => ledger.close());
  const receiver = await startReceiver(seed);
  closing.add('the receiver', () => receiver.close());
  const rig = await startRig({ ...options, ledgerUrl: ledger.url, receiver, closing });
  const schedule = planFaults({ seed, durationMs, gapMs: GAP_MS, kinds: options.kinds });
  writeFileSync(join(options.folder, 'schedule.txt'), `${schedule.map(lineOf).join('\n')}\n`);
  const workload = createWorkload(rig.world, { sagas, seed });
  const strikes = strikeAll(rig, schedule, stopped);
  // A strike that is under way puts right what it did: it would start a server after we stopped it.
  closing.add('the faults', () => strikes.over);
  const progress = reportProgress(workload, strikes, say);
  closing.add('the progress', () => clearInterval(progress));
  return Promise.race([whenStopped(stopped), judge(options, rig, workload, strikes)]);
}

async function judge(
  options: RunOptions,
  rig: Rig,
  workload: Workload,
  strikes: Strikes,
): Promise<readonly Violation[]> {
  await Promise.all([workload.run(options.durationMs), strikes.over]);
  await heal(rig);
  options.say('Faults are over: all sagas have to end');
  const accepted = await workload.settle(SETTLE_MS);
  const evidence = await collectEvidence(rig.world, accepted);
  const violations = [...checkInvariants(evidence), ...(await stopAndFindLeftovers(rig))];
  options.say(summaryOf(evidence, strikes));
  await tell(options, rig, evidence, violations);
  return violations;
}

function reportProgress({ progress }: Workload, strikes: Strikes, say: RunOptions['say']): NodeJS.Timeout {
  const startedAt = performance.now();
  return setInterval(() => {
    const { accepted, ended } = progress();
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const now = strikes.now().join('; ') || 'no fault';
    say(`${String(seconds).padStart(3)} s  accepted ${accepted}  ended ${ended}  ${now}`);
  }, PROGRESS_MS);
}

function whenStopped(stopped: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = () => reject(new Error('Interrupted'));
    if (stopped.aborted) stop();
    stopped.addEventListener('abort', stop, { once: true });
  });
}

/** The whole history of every saga that something is wrong with goes to a file; the first ones are shown. */
async function tell(
  { folder, say }: RunOptions,
  rig: Rig,
  evidence: Evidence,
  violations: readonly Violation[],
): Promise<void> {
  if (violations.length === 0) return;
  const lines = violations.map(({ sagaId, rule, message }) => `${rule}: ${sagaId ?? '-'}: ${message}`);
  writeFileSync(join(folder, 'violations.txt'), `${lines.join('\n')}\n`);
  const sagaIds = [...new Set(violations.flatMap(({ sagaId }) => (sagaId === null ? [] : [sagaId])))];
  mkdirSync(join(folder, 'sagas'), { recursive: true });
  for (const [index, sagaId] of sagaIds.entries()) {
    const history = historyOf(evidence, sagaId, await rig.world.logLines(sagaId));
    writeFileSync(join(folder, 'sagas', `${sagaId}.txt`), history);
    if (index < TOLD) say(history);
  }
  say(`${violations.length} violations, of ${sagaIds.length} sagas; their histories are in ${folder}`);
  for (const line of lines.slice(0, 20)) say(`  ${line}`);
}

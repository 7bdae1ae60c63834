import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { messageOf } from '../core/errors.ts';
import type { CallKind, Fault, FaultKind } from './fault.ts';
import type { Memory } from './memory-store.ts';

/** One call of a step's code. */
export interface Call {
  readonly step: string;
  /** `request` and `accept` are a waiting step's `do`. */
  readonly kind: CallKind;
  /** From 1. */
  readonly attempt: number;
  readonly key: string;
  /** What struck it; undefined where nothing did. */
  readonly fault: FaultKind | undefined;
  /** The author's code was run. */
  readonly acted: boolean;
  /** What came of it, as the worker saw it. */
  readonly came: 'returned' | 'threw' | 'no answer' | 'process died' | 'given up on' | 'acted late';
  /** The message of what was thrown. */
  readonly error: string | undefined;
  /** Since the saga's start, in milliseconds of the rehearsal. */
  readonly atMs: number;
}

/** A call that is under way. */
export type OpenCall = { -readonly [K in keyof Call]: Call[K] };

/** Thrown within a transaction, so that whoever holds it rolls it back; no processor sees it. */
export class ProcessDiedError extends Error {
  override readonly name = 'ProcessDiedError';
}

/** What a rehearsal's code, its store and its driver share. */
export interface Stage {
  readonly memory: Memory;
  readonly calls: OpenCall[];
  /** How long the author's code may take in real milliseconds before it counts as hanging. */
  readonly patienceMs: number;
  /** The first fault left for the call that is of these kinds: it is used up by one. */
  strike(step: string, call: CallKind, kinds: readonly FaultKind[]): FaultKind | undefined;
  /** The faults that struck nothing. */
  unstruck(): readonly Fault[];
  /** The process dies after the next record. */
  diesRecorded: boolean;
  /** The saga's deadline has passed when a process works again. */
  overdue: boolean;
  /** Ends the process that runs: what awaits this never goes on. */
  die(): Promise<never>;
  /** Resolves at the next `die`. */
  death(): Promise<'died'>;
  /** Told when the saga does not wait for the running step any more. */
  onMovedOn: (() => void) | undefined;
  /** Cancels the saga, as from outside. */
  cancel(): Promise<void>;
  /** Effects that take place once the saga has ended. */
  readonly late: (() => Promise<void>)[];
}

/** Whoever awaits it is gone. */
export function never<R>(): Promise<R> {
  return new Promise<R>(() => undefined);
}

export function createStage(
  memory: Memory,
  faults: readonly Fault[],
  patienceMs: number,
  cancel: () => Promise<void>,
): Stage {
  const left = faults.map((fault) => ({ fault, times: fault.times ?? 1, struck: false }));
  let onDeath: () => void = () => undefined;
  return {
    memory,
    calls: [],
    patienceMs,
    strike: (step, call, kinds) => {
      const next = left.find(
        ({ fault, times }) =>
          times > 0 && fault.step === step && (fault.call ?? 'do') === call && kinds.includes(fault.kind),
      );
      if (!next) return undefined;
      next.times -= 1;
      next.struck = true;
      return next.fault.kind;
    },
    unstruck: () => left.filter(({ struck }) => !struck).map(({ fault }) => fault),
    diesRecorded: false,
    overdue: false,
    die: () => {
      onDeath();
      return never();
    },
    death: () =>
      new Promise((resolve) => {
        onDeath = () => resolve('died');
      }),
    onMovedOn: undefined,
    cancel,
    late: [],
  };
}

/** Runs the author's code. What hangs for real is taken for a step that gives no answer. */
export async function patiently<R>({ patienceMs, memory: { clock } }: Stage, code: () => R | Promise<R>): Promise<R> {
  const impatient = setTimeout(() => clock.skip(), patienceMs);
  try {
    return await code();
  } finally {
    clearTimeout(impatient);
  }
}

/** Time goes on to the call's end, once its bounds are set. */
export function noAnswer<R>(clock: Clock & { skip(): void }): Promise<R> {
  queueMicrotask(() => clock.skip());
  return never();
}

/** Lets what came late take effect, and the engine note it. */
export async function actLate(stage: Stage): Promise<void> {
  for (const act of stage.late.splice(0)) {
    await act().catch((error: unknown) => void messageOf(error));
    await turn();
  }
}

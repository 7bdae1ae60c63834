import type { Grant, StepRef } from '../entries.ts';

/** One step of one generation of a saga's flow, by its place. */
export type FlowStep = Pick<StepRef, 'sagaId' | 'generation' | 'stepIndex'>;

/** A leave to run that is older is not used, in milliseconds: the saga may have been turned back since, and undone. */
const FRESH_MS = 100;
/** Where no job has come by then, in milliseconds, another process has it. */
const WITHDRAW_MS = 1_000;

/** Leaves for steps that were checked in with the record of the step before. This process is about to be given their jobs:
 *  BullMQ hands out the job that is set free by the end of another to whoever ended that. */
export interface Ahead {
  isOpen(): boolean;
  /** `askedAt`: when the record was asked for, by `performance.now()`. */
  keep(step: FlowStep, grant: Grant, askedAt: number): void;
  /** The leave for a step, once. `unused`: there was one, and it is too old. */
  take(step: FlowStep): Grant | { readonly kind: 'none' | 'unused' };
  /** Keeps none any more, and withdraws those that there are. */
  settle(): Promise<void>;
}

interface Kept {
  readonly step: FlowStep;
  readonly grant: Grant;
  readonly askedAt: number;
  /** When its answer was there: what the grant says of time is older than this, never newer. */
  readonly keptAt: number;
  readonly timer: NodeJS.Timeout;
}

/** `withdraw` notes that runs which were checked in did not begin. Where it fails they stay in doubt, which is safe. */
export function createAhead(withdraw: (steps: readonly FlowStep[]) => Promise<void>): Ahead {
  const kept = new Map<string, Kept>();
  let open = true;

  const remove = (step: FlowStep) => {
    const entry = kept.get(keyOf(step));
    clearTimeout(entry?.timer);
    kept.delete(keyOf(step));
    return entry;
  };
  const giveUp = async (steps: readonly FlowStep[]) => {
    steps.forEach(remove);
    if (steps.length > 0) await withdraw(steps).catch(() => undefined);
  };
  return {
    isOpen: () => open,
    keep: (step, grant, askedAt) => {
      // Asked for before it was settled, answered after.
      if (!open) {
        void giveUp([step]);
        return;
      }
      const timer = setTimeout(() => void giveUp([step]), WITHDRAW_MS);
      kept.set(keyOf(step), { step, grant, askedAt, keptAt: performance.now(), timer });
    },
    take: (step) => {
      const entry = remove(step);
      if (!entry) return { kind: 'none' };
      const now = performance.now();
      if (now - entry.askedAt > FRESH_MS) return { kind: 'unused' };
      const { grant, keptAt } = entry;
      const keptMs = now - keptAt;
      return { ...grant, timeLeftMs: grant.timeLeftMs - keptMs, startedAtMs: Math.round(grant.startedAtMs + keptMs) };
    },
    settle: async () => {
      open = false;
      await giveUp([...kept.values()].map(({ step }) => step));
    },
  };
}

function keyOf({ sagaId, generation, stepIndex }: FlowStep): string {
  return `${sagaId}.${generation}.${stepIndex}`;
}

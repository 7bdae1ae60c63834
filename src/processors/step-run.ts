import type { Job } from 'bullmq';
import type { Log } from '../core/log.ts';
import type { StepContext, StepDefinition } from '../core/definition.ts';
import { executeKey } from '../core/keys.ts';
import type { StepEnd } from '../metrics/meter.ts';
import type { StepJob } from '../queues/jobs.ts';
import type { Grant, StepDone } from '../store/entries.ts';
import type { RecordResult } from '../store/journal/journal.ts';
import type { Bound, Bounds } from './bounded.ts';
import type { ProcessorContext } from './context.ts';

/** One run of one step, after it was checked in. */
export interface StepRun {
  readonly context: ProcessorContext;
  readonly job: Job<StepJob>;
  readonly token: string | undefined;
  readonly jobSignal: AbortSignal | undefined;
  readonly step: StepDefinition;
  readonly grant: Grant;
  readonly log: Log;
}

/** What a step job returns to the dashboard. */
export type StepOutcome = 'done' | 'skipped' | 'failed' | 'late' | 'timeout' | 'waiting';

export function boundsOf(run: StepRun, timeoutMs: number): Bounds {
  return {
    what: run.step.name,
    clock: run.context.clock,
    timeoutMs,
    deadlineMs: run.grant.timeLeftMs,
    stopping: run.context.stopping,
    jobSignal: run.jobSignal,
  };
}

export function stepContext(run: StepRun, bound: Bound): StepContext<unknown, unknown> {
  const { sagaId, step } = run.job.data;
  const { input, state, attempt } = run.grant;
  return {
    sagaId,
    step,
    input,
    state,
    key: executeKey(sagaId, step),
    attempt,
    log: run.log,
    get signal() {
      return bound.signal;
    },
  };
}

export function stepDone(run: StepRun, output: string): StepDone {
  const { sagaId, generation, stepIndex, step } = run.job.data;
  const { attempt, startedAtMs } = run.grant;
  return { sagaId, generation, stepIndex, step, output, attempt, startedAtMs };
}

/** Says how a run ended. `startedAt` is of `performance.now()`. */
export function noteRun({ context, job }: StepRun, outcome: StepEnd, startedAt: number): void {
  const { type, step } = job.data;
  context.meter.note({ kind: 'step', type, step, outcome, durationMs: performance.now() - startedAt });
}

/** Call it when the record has committed. */
export function noteRecord({ context, job }: StepRun, result: RecordResult): void {
  if (result.kind !== 'recorded' || result.completedAfterMs === undefined) return;
  context.meter.note({ kind: 'saga', type: job.data.type, status: 'COMPLETED', ageMs: result.completedAfterMs });
}

import type { Job } from 'bullmq';
import type { Logger } from 'pino';
import type { CompensationContext, ManualCompensation, SqlRunner, StepDefinition } from '../core/definition.ts';
import { isTerminalError, messageOf } from '../core/errors.ts';
import { backoffMs } from '../core/judge.ts';
import { executeKey, undoKey } from '../core/keys.ts';
import type { CompensationJob } from '../queues/jobs.ts';
import type { CompensationCheckIn, CompensationGrant } from '../store/compensations.ts';
import { isInfrastructureFault } from '../store/fault.ts';
import { HandBackError, runBounded } from './bounded.ts';
import type { ProcessorContext } from './context.ts';
import { findDefinition, findStep } from './context.ts';
import { failJob, retryJob, withRest } from './job-control.ts';

interface CompensationRun {
  readonly context: ProcessorContext;
  readonly job: Job<CompensationJob>;
  readonly token: string | undefined;
  readonly jobSignal: AbortSignal | undefined;
  readonly step: StepDefinition;
  readonly log: Logger;
}

type Compensate = (context: CompensationContext<unknown, unknown, unknown> & { readonly tx?: SqlRunner }) => unknown;

export type CompensationOutcome = 'compensated' | 'skipped';

const SLACK_MS = 5_000;

/** Check in, undo, record: the processor of the compensations queue. The saga's deadline does not end it. */
export async function processCompensation(
  context: ProcessorContext,
  job: Job<CompensationJob>,
  token?: string,
  jobSignal?: AbortSignal,
): Promise<CompensationOutcome> {
  const log = context.log.child({ sagaId: job.data.sagaId, step: job.data.step, compensation: true });
  return withRest(job, token, log, async () => {
    const step = findStep(findDefinition(context.registry, job.data.type), job.data.step);
    const run: CompensationRun = { context, job, token, jobSignal, step, log };
    const { compensate } = step;
    if (typeof compensate !== 'function') return compensate.kind === 'manual' ? askPerson(run, compensate) : 'skipped';
    const external = step.kind === 'step';
    return external ? undoOutside(run, compensate as Compensate) : undoInTransaction(run, compensate as Compensate);
  });
}

async function undoOutside(run: CompensationRun, compensate: Compensate): Promise<CompensationOutcome> {
  const { compensations } = run.context;
  const grant = await compensations.checkIn(run.job.data);
  if (grant.kind !== 'granted') return outcomeOf(grant);
  try {
    await runBounded(boundsOf(run), async (signal) => compensate(compensationContext(run, grant, signal)));
  } catch (error) {
    return failAttempt(run, grant, error);
  }
  await compensations.record(run.job.data);
  run.log.info({ attempt: grant.attempt }, 'step compensated');
  return 'compensated';
}

/** The undo's writes and its record commit together. */
async function undoInTransaction(run: CompensationRun, compensate: Compensate): Promise<CompensationOutcome> {
  const { compensations, registry, sql, onEventsWritten } = run.context;
  const client = findDefinition(registry, run.job.data.type).db ?? sql;
  // On its own first: what it changes, a parked saga resumed by a retry in the queue, must outlast a failed attempt.
  const grant = await compensations.checkIn(run.job.data);
  if (grant.kind !== 'granted') return outcomeOf(grant);
  try {
    const outcome = await client.$transaction(
      async (tx) => {
        const { saga, result } = await compensations.checkInWith(tx, run.job.data);
        if (result.kind !== 'granted') return outcomeOf(result);
        await runBounded(boundsOf(run), async (signal) =>
          compensate({ ...compensationContext(run, result, signal), tx }),
        );
        await compensations.recordWith(tx, saga, run.job.data);
        return 'compensated' as const;
      },
      { maxWait: SLACK_MS, timeout: run.step.timeoutMs + SLACK_MS },
    );
    onEventsWritten();
    return outcome;
  } catch (error) {
    return failAttempt(run, grant, error);
  }
}

async function askPerson(run: CompensationRun, { instructions }: ManualCompensation): Promise<CompensationOutcome> {
  const grant = await run.context.compensations.checkIn(run.job.data);
  if (grant.kind !== 'granted') return outcomeOf(grant);
  if (await isKnownNotDone(run, grant)) {
    await run.context.compensations.record(run.job.data);
    run.log.info('step was not done, nothing to undo');
    return 'compensated';
  }
  await run.context.compensations.giveUp(run.job.data, {
    kind: 'MANUAL_COMPENSATION',
    attempt: grant.attempt,
    message: instructions,
  });
  run.log.error({ instructions }, 'manual compensation needed');
  return failJob(`Manual compensation needed: ${instructions}`);
}

/** Before a person is asked to undo what may have happened: the system it may have happened in is asked. */
async function isKnownNotDone(run: CompensationRun, grant: CompensationGrant): Promise<boolean> {
  const { step } = run;
  if (grant.output !== undefined || step.kind !== 'step' || !step.verify) return false;
  const ask = step.verify;
  const { sagaId } = run.job.data;
  const bounds = { ...boundsOf(run), what: `verify of ${step.name}` };
  try {
    const answer = await runBounded(bounds, (signal) =>
      ask({ ...compensationContext(run, grant, signal), key: executeKey(sagaId, step.name) }),
    );
    return answer.kind === 'not-done';
  } catch (error) {
    if (error instanceof HandBackError || isInfrastructureFault(error)) throw error;
    run.log.warn({ err: messageOf(error) }, 'verify gave no answer');
    return false;
  }
}

async function failAttempt(
  run: CompensationRun,
  grant: CompensationGrant,
  error: unknown,
): Promise<CompensationOutcome> {
  if (error instanceof HandBackError || isInfrastructureFault(error)) throw error;
  const { compensations } = run.context;
  const message = messageOf(error);
  const { attempt } = grant;
  if (attempt < run.step.attempts && !isTerminalError(error)) {
    await compensations.attemptFailed(run.job.data, attempt, message);
    run.log.warn({ attempt, err: message }, 'compensation attempt failed');
    return retryJob(run.job, run.token, error, backoffMs(run.step.backoffMs, attempt));
  }
  await compensations.giveUp(run.job.data, { kind: 'COMPENSATION_FAILED', attempt, message });
  run.log.error({ attempt, err: message }, 'compensation failed');
  return failJob(message);
}

function outcomeOf(result: Exclude<CompensationCheckIn, CompensationGrant>): CompensationOutcome {
  return result.kind === 'done' ? 'compensated' : 'skipped';
}

function boundsOf(run: CompensationRun) {
  return {
    what: `compensation of ${run.step.name}`,
    timeoutMs: run.step.timeoutMs,
    deadlineMs: Number.POSITIVE_INFINITY,
    stopping: run.context.stopping,
    jobSignal: run.jobSignal,
  };
}

function compensationContext(run: CompensationRun, grant: CompensationGrant, signal: AbortSignal) {
  const { sagaId, step } = run.job.data;
  const { input, state, output, attempt } = grant;
  return {
    sagaId,
    step,
    input,
    state,
    output,
    attempt,
    signal,
    log: run.log,
    key: undoKey(sagaId, step),
    executeKey: executeKey(sagaId, step),
  };
}

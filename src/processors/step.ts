import type { Job } from 'bullmq';
import type { StepDefinition } from '../core/definition.ts';
import { NoAnswerError, OutputError, messageOf } from '../core/errors.ts';
import { outputText } from '../core/json.ts';
import type { AttemptHistory } from '../core/judge.ts';
import { judge, requireAnswers } from '../core/judge.ts';
import { shownText } from '../core/redact.ts';
import type { StepEnd } from '../metrics/meter.ts';
import type { StepJob } from '../queues/jobs.ts';
import { queueFor } from '../queues/lanes.ts';
import { STEPS } from '../queues/names.ts';
import { isInfrastructureFault } from '../store/fault.ts';
import type { StepDone } from '../store/entries.ts';
import type { RecordResult } from '../store/journal/journal.ts';
import { withoutNul } from '../store/log.ts';
import type { FailedAttempt } from '../store/sagas/verdicts.ts';
import { DeadlineError, HandBackError, MovedOnError, runBounded } from './bounded.ts';
import type { ProcessorContext } from './context.ts';
import { findDefinition, findStep } from './context.ts';
import { failJob, retryJob, withRest } from './job-control.ts';
import { askLeave } from './leave.ts';
import { concludeFlow } from './outcome.ts';
import type { StepOutcome, StepRun } from './step-run.ts';
import { boundsOf, noteRecord, noteRun, stepContext, stepDone } from './step-run.ts';
import { processTransaction } from './transaction.ts';
import { processWait } from './wait.ts';

/** Check in, execute, record: the processor of the steps queue. */
export async function processStep(
  context: ProcessorContext,
  job: Job<StepJob>,
  token?: string,
  jobSignal?: AbortSignal,
): Promise<string> {
  return withRest(job, token, context.log, async () => {
    if (job.data.unwinding === true) return concludeFlow(context, job, token);
    const outcome = await checkInAndRun(context, job, token, jobSignal);
    // Nothing runs after the last step's job: what the others left to be done is its to do.
    if (outcome === 'done' || !isRoot(job)) return outcome;
    return concludeFlow(context, job, token);
  });
}

function isRoot(job: Job<StepJob>): boolean {
  return job.parent === undefined;
}

async function checkInAndRun(
  context: ProcessorContext,
  job: Job<StepJob>,
  token: string | undefined,
  jobSignal: AbortSignal | undefined,
): Promise<StepOutcome> {
  const step = findStep(findDefinition(context.registry, job.data.type), job.data.step);
  const grant = await askLeave(() => context.journal.checkIn({ ...job.data, maxAttempts: step.attempts }));
  if (grant.kind === 'done') return 'done';
  if (grant.kind === 'refused') return 'skipped';
  if (grant.kind === 'expired') return turnBackAtDeadline(context, job.data);
  const log = context.log.child({ sagaId: job.data.sagaId, step: step.name, attempt: grant.attempt });
  return runStep({ context, job, token, jobSignal, step, grant, log });
}

async function runStep(run: StepRun): Promise<StepOutcome> {
  const startedAt = performance.now();
  const end = (outcome: StepEnd) => noteRun(run, outcome, startedAt);
  try {
    refusePoison(run);
    const outcome = await dispatch(run);
    end(outcome);
    run.log.info({ durationMs: Math.round(performance.now() - startedAt), outcome }, 'step ran');
    return outcome;
  } catch (error) {
    end(endOf(error));
    if (error instanceof DeadlineError) return turnBackAtDeadline(run.context, run.job.data);
    if (error instanceof MovedOnError) return 'skipped';
    if (isNotTheSteps(error)) throw error;
    return failAttempt(run, error);
  }
}

function endOf(error: unknown): StepEnd {
  if (error instanceof DeadlineError) return 'timeout';
  if (error instanceof MovedOnError) return 'skipped';
  if (error instanceof Error && error.name === 'DelayedError') return 'waiting';
  return isNotTheSteps(error) ? 'interrupted' : 'failed';
}

/** A waiting step's job wakes as often as it likes. */
function refusePoison({ step, grant }: StepRun): void {
  if (!grant.waiting) requireAnswers(step.name, grant.lost);
}

function dispatch(run: StepRun): Promise<StepOutcome> {
  const { step } = run;
  switch (step.kind) {
    case 'step':
      return processExternal(run, step);
    case 'transaction':
      return processTransaction(run, step);
    case 'wait':
      return processWait(run, step);
    default:
      return step satisfies never;
  }
}

/** BullMQ's own signals, the database being away, and a stop are no failures of the step. */
function isNotTheSteps(error: unknown): boolean {
  if (error instanceof HandBackError || isInfrastructureFault(error)) return true;
  return error instanceof Error && (error.name === 'DelayedError' || error.name === 'WaitingError');
}

async function processExternal(run: StepRun, step: StepDefinition & { kind: 'step' }): Promise<StepOutcome> {
  const onMovedOn = (listener: () => void) => run.context.watch.follow(run.job.data, listener);
  const output = await runBounded(
    { ...boundsOf(run, step.timeoutMs), onMovedOn },
    (bound) => step.execute(stepContext(run, bound)),
    (late) => void noteLate(run, late),
  );
  return recordDone(run, output, nextStep(run));
}

/** The step whose job this process is given next: BullMQ hands it out as this one's job ends, if it is in the same queue. */
function nextStep({ context, job }: StepRun): StepDone['next'] {
  const definition = findDefinition(context.registry, job.data.type);
  const next = definition.steps[job.data.stepIndex + 1];
  if (!next || next.kind === 'wait' || queueFor(STEPS, definition, next.name) !== job.queueName) return undefined;
  return { step: next.name, maxAttempts: next.attempts };
}

async function recordDone(run: StepRun, output: unknown, next?: StepDone['next']): Promise<StepOutcome> {
  const text = outputText(output, run.context.outputLimitBytes);
  const result = await recordText(run, text, next);
  noteRecord(run, result);
  if (result.kind !== 'refused') return 'done';
  const quoted = shownText(run.context.registry.get(run.job.data.type), text);
  await run.context.verdicts.lateResult(run.job.data, quoted);
  run.log.warn('late result: the saga has moved on');
  return 'late';
}

/** From here on the step has acted: no error of the record may pass for an error of the step. */
async function recordText(run: StepRun, text: string, next: StepDone['next']): Promise<RecordResult> {
  try {
    return await run.context.journal.record({ ...stepDone(run, text), ...(next ? { next } : {}) });
  } catch (error) {
    if (isInfrastructureFault(error)) throw error;
    throw new OutputError(`Output could not be recorded: ${messageOf(error)}`, { cause: error });
  }
}

/** A run that was given up on came back after all. If its saga still waits for the step, that is the answer. */
async function noteLate(run: StepRun, output: unknown): Promise<void> {
  try {
    await recordDone(run, output);
  } catch (error) {
    run.log.error({ err: messageOf(error) }, 'late result could not be noted');
  }
}

async function turnBackAtDeadline(context: ProcessorContext, { sagaId, generation }: StepJob): Promise<StepOutcome> {
  await context.verdicts.turnBack(sagaId, generation, 'TIMEOUT', 'Saga timeout exceeded');
  return 'timeout';
}

/** One attempt has failed: try again, ask what became of it, or let the saga turn back. */
async function failAttempt(run: StepRun, error: unknown): Promise<StepOutcome> {
  const judgement = judge(run.step, error, historyOf(run, error));
  const failure = failedAttempt(run, error);
  run.log.warn({ err: failure.message, judgement: judgement.kind }, 'step attempt failed');
  switch (judgement.kind) {
    case 'retry':
      if (!(await run.context.verdicts.attemptFailed(failure, judgement.cleared))) return 'skipped';
      run.context.meter.note({ kind: 'retry', type: run.job.data.type, step: run.step.name });
      return retryJob(run.job, run.token, error, judgement.delayMs);
    case 'verify':
      return verify(run, failure);
    case 'failed':
      return turnBack(run, failure, 'FAILED');
    case 'unknown':
      return turnBack(run, failure, 'UNKNOWN');
    default:
      return judgement satisfies never;
  }
}

async function turnBack(run: StepRun, failure: FailedAttempt, verdict: 'FAILED' | 'UNKNOWN'): Promise<StepOutcome> {
  if (!(await run.context.verdicts.stepFailed(failure, verdict))) return 'skipped';
  // The root goes on to undo; of the others the dashboard shows that they failed.
  return isRoot(run.job) ? 'failed' : failJob(failure.message);
}

/** The attempts are used up: the provider is asked whether the effect happened. */
async function verify(run: StepRun, failure: FailedAttempt): Promise<StepOutcome> {
  const { step } = run;
  if (step.kind !== 'step' || !step.verify) return turnBack(run, failure, 'UNKNOWN');
  const ask = step.verify;
  try {
    const bounds = {
      ...boundsOf(run, step.timeoutMs),
      what: `verify of ${step.name}`,
      deadlineMs: Number.POSITIVE_INFINITY,
    };
    const answer = await runBounded(bounds, (bound) => ask(stepContext(run, bound)));
    if (answer.kind === 'done') return await recordDone(run, answer.output);
    return await turnBack(run, failure, answer.kind === 'not-done' ? 'FAILED' : 'UNKNOWN');
  } catch (error) {
    if (isNotTheSteps(error) || (error instanceof Error && error.name === 'UnrecoverableError')) throw error;
    run.log.warn({ err: messageOf(error) }, 'verify gave no answer');
    return turnBack(run, failure, 'UNKNOWN');
  }
}

function historyOf(run: StepRun, error: unknown): AttemptHistory {
  const { attempt, unanswered, waiting } = run.grant;
  if (run.step.kind === 'wait') return { attempt, unanswered: waiting };
  return { attempt, unanswered: unanswered || error instanceof NoAnswerError };
}

function failedAttempt(run: StepRun, error: unknown): FailedAttempt {
  const { sagaId, generation, stepIndex, step } = run.job.data;
  const { attempt, checkIn } = run.grant;
  return { sagaId, generation, stepIndex, step, attempt, checkIn, message: withoutNul(messageOf(error)) };
}

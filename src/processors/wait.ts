import type { StepDefinition } from '../core/definition.ts';
import { WaitTimeoutError, messageOf } from '../core/errors.ts';
import { delayJob } from './job-control.ts';
import type { StepOutcome, StepRun } from './step-run.ts';
import { stepContext } from './step-run.ts';
import { inStepTransaction } from './transaction.ts';

type WaitStep = StepDefinition & { kind: 'wait' };

/** How long the request and the acceptance of the answer may take, in milliseconds: their transactions are short. */
const TRANSACTION_MS = 30_000;

/**
 * Sends the request, then gives the worker slot back: the job sleeps until the wait's timeout, and the signal wakes it.
 * A job that wakes for another reason looks for its signal and sleeps on.
 */
export async function processWait(run: StepRun, step: WaitStep): Promise<StepOutcome> {
  const { waits, ownIn } = run.context;
  let waitUntil = Number.POSITIVE_INFINITY;
  const outcome = await inStepTransaction(run, TRANSACTION_MS, async (tx, bound) => {
    const { sagaId } = run.job.data;
    const context = { ...stepContext(run, bound), tx };
    const own = ownIn(tx);
    const begun = await waits.begun(own, sagaId);
    if (begun === null) await step.request(context);
    const until = begun ?? (await waits.begin(own, run.job.data, step.timeoutMs));
    if (until === undefined) return 'refused';
    waitUntil = until.getTime();
    const received = await waits.answer(own, sagaId, step.name);
    if (received) return { output: await acceptAnswer(step, context, received.payload) };
    if (begun !== null && Date.now() >= waitUntil)
      throw new WaitTimeoutError(`No answer to ${step.name} in ${step.timeoutMs} ms`);
    return 'not-yet';
  });
  return outcome === 'waiting' ? sleep(run, waitUntil) : outcome;
}

async function acceptAnswer(
  step: WaitStep,
  context: Parameters<NonNullable<WaitStep['accept']>>[0] extends infer C ? Omit<C, 'answer'> : never,
  payload: unknown,
): Promise<unknown> {
  const answer = step.signal.parse(payload);
  return step.accept ? step.accept({ ...(context as object), answer } as Parameters<typeof step.accept>[0]) : answer;
}

async function sleep(run: StepRun, waitUntil: number): Promise<never> {
  try {
    return await delayJob(run.job, run.token, Math.max(waitUntil - Date.now(), 1));
  } finally {
    await wakeIfAnswered(run);
  }
}

/** A signal that came after the look and before the sleep found nobody to wake. Failing here, the reconciler wakes it. */
async function wakeIfAnswered({ job, context, log }: StepRun): Promise<void> {
  try {
    const answered = await context.waits.answer(context.sql, job.data.sagaId, job.data.step);
    if (answered) await context.flows.wakeStep(job.data, job.data.step);
  } catch (error) {
    log.warn({ err: messageOf(error) }, 'answered step not woken');
  }
}

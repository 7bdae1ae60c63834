import type { Job } from 'bullmq';
import type { Log } from '../core/log.ts';
import type {
  CompensationContext,
  ManualCompensation,
  SqlRunner,
  StepDefinition,
  Verification,
} from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import { backoffMs, isFinal, requireAnswers } from '../core/judge.ts';
import { outputText } from '../core/json.ts';
import { executeKey, undoKey } from '../core/keys.ts';
import type { NewSaga } from '../core/request.ts';
import { rescueOf } from '../core/rescue.ts';
import type { UndoEnd } from '../metrics/meter.ts';
import type { CompensationJob } from '../queues/jobs.ts';
import type { CompensationCheckIn, CompensationGrant, CompensationRef } from '../store/sagas/compensations.ts';
import { isInfrastructureFault } from '../store/fault.ts';
import { transact } from '../store/transact.ts';
import { TurnTakenError } from '../store/turn.ts';
import { HandBackError, runBounded } from './bounded.ts';
import type { ProcessorContext } from './context.ts';
import { findDefinition, findStep } from './context.ts';
import { failJob, retryJob, withRest } from './job-control.ts';
import { askLeave } from './leave.ts';
import { NotBegunError } from './slots.ts';

interface CompensationRun {
  readonly context: ProcessorContext;
  readonly job: Job<CompensationJob>;
  readonly token: string | undefined;
  readonly jobSignal: AbortSignal | undefined;
  readonly step: StepDefinition;
  readonly log: Log;
}

type Compensate = (context: CompensationContext<unknown, unknown, unknown> & { readonly tx?: SqlRunner }) => unknown;

/** The saga has moved on while its compensation's transaction ran: nothing of it stays. */
class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

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
  return undo(run, async (grant) => {
    await runBounded(boundsOf(run), async ({ signal }) => compensate(compensationContext(run, grant, signal)));
    return () => run.context.compensations.record(run.job.data);
  });
}

/** The undo's writes and its record commit together, or neither does. */
async function undoInTransaction(run: CompensationRun, compensate: Compensate): Promise<CompensationOutcome> {
  const { compensations, registry, sagas, prisma, ownIn, transactions, onEventsWritten } = run.context;
  const client = findDefinition(registry, run.job.data.type).db ?? prisma;
  const timeout = run.step.timeoutMs + SLACK_MS;
  return undo(run, async (grant) => {
    const inTransaction = async (tx: SqlRunner) => {
      const own = ownIn(tx);
      await compensations.enterIn(own, run.job.data, timeout);
      await runBounded(boundsOf(run), async ({ signal }) =>
        compensate({ ...compensationContext(run, grant, signal), tx }),
      );
      if (!(await compensations.recordIn(own, run.job.data))) throw new SupersededError();
      return own;
    };
    const committed = await transactions.use(() => transact(client, { maxWait: SLACK_MS, timeout }, inTransaction));
    sagas.committed(committed);
    onEventsWritten();
    return () => Promise.resolve(true);
  });
}

/** Check in, then `work`, which answers how it is recorded: an error of that is none of the compensation's. */
async function undo(
  run: CompensationRun,
  work: (grant: CompensationGrant) => Promise<() => Promise<boolean>>,
): Promise<CompensationOutcome> {
  const { compensations } = run.context;
  const grant = await askLeave(() => compensations.checkIn(refOf(run)));
  if (grant.kind !== 'granted') return notGranted(run, grant);
  let record: () => Promise<boolean>;
  try {
    requireAnswers(`compensation of ${run.step.name}`, grant.lost);
    record = await work(grant);
  } catch (error) {
    if (error instanceof TurnTakenError || error instanceof NotBegunError) await compensations.withdraw(run.job.data);
    return error instanceof SupersededError ? 'skipped' : failAttempt(run, grant, error);
  }
  if (!(await record())) return 'skipped';
  noteUndo(run, 'compensated');
  run.log.info({ attempt: grant.attempt }, 'step compensated');
  return 'compensated';
}

async function askPerson(run: CompensationRun, { instructions }: ManualCompensation): Promise<CompensationOutcome> {
  const grant = await askLeave(() => run.context.compensations.checkIn(refOf(run)));
  if (grant.kind !== 'granted') return notGranted(run, grant);
  const answer = await verified(run, grant);
  if (answer?.kind === 'not-done') {
    if (!(await run.context.compensations.record(run.job.data))) return 'skipped';
    noteUndo(run, 'compensated');
    run.log.info('step was not done, nothing to undo');
    return 'compensated';
  }
  const found = answer?.kind === 'done' ? outputText(answer.output, run.context.outputLimitBytes) : undefined;
  const kind = grant.output === undefined && found === undefined ? 'UNKNOWN_OUTCOME' : 'MANUAL_COMPENSATION';
  const failure = { ...grant, message: instructions, found };
  const end = await run.context.compensations.giveUp(run.job.data, kind, failure);
  if (!end) return 'skipped';
  noteUndo(run, 'manual');
  run.log.error({ instructions }, 'manual compensation needed');
  return park(run, end.taskId, `Manual compensation needed: ${instructions}`);
}

/** Before a person is asked to undo what may have happened: the system it may have happened in is asked. Undefined where there is
 *  nothing to ask, or no answer. */
async function verified(run: CompensationRun, grant: CompensationGrant): Promise<Verification<object> | undefined> {
  const { step } = run;
  if (grant.output !== undefined || step.kind !== 'step' || !step.verify) return undefined;
  const ask = step.verify;
  const { sagaId } = run.job.data;
  const bounds = { ...boundsOf(run), what: `verify of ${step.name}` };
  try {
    requireAnswers(bounds.what, grant.lost);
    return await runBounded(bounds, ({ signal }) =>
      ask({ ...compensationContext(run, grant, signal), key: executeKey(sagaId, step.name) }),
    );
  } catch (error) {
    if (error instanceof HandBackError || isInfrastructureFault(error)) throw error;
    run.log.warn({ err: messageOf(error) }, 'verify gave no answer');
    return undefined;
  }
}

async function failAttempt(
  run: CompensationRun,
  grant: CompensationGrant,
  error: unknown,
): Promise<CompensationOutcome> {
  if (error instanceof HandBackError || isInfrastructureFault(error)) throw error;
  const { compensations } = run.context;
  const { attempt } = grant;
  const failure = { ...grant, message: messageOf(error) };
  if (attempt < run.step.attempts && !isFinal(error)) {
    if (!(await compensations.attemptFailed(run.job.data, failure))) return 'skipped';
    noteUndo(run, 'retried');
    run.log.warn({ attempt, err: failure.message }, 'compensation attempt failed');
    return retryJob(run.job, run.token, error, backoffMs(run.step.backoffMs, attempt));
  }
  const rescue = planRescue(run, grant, failure.message);
  const end = await compensations.giveUp(run.job.data, 'COMPENSATION_FAILED', failure, rescue);
  if (!end) return 'skipped';
  noteUndo(run, 'failed');
  run.log.error({ attempt, err: failure.message }, 'compensation failed');
  if (end.rescued && rescue?.kind === 'start') await sendRescue(run, rescue.saga);
  return park(run, end.taskId, failure.message);
}

/** A rescue that cannot even be planned leaves the task to a person, as if there were none. */
function planRescue({ context, job, log }: CompensationRun, grant: CompensationGrant, error: string) {
  const { sagaId, type, step } = job.data;
  const { input, state, output } = grant;
  try {
    const failed = { sagaId, type, step, input, state, output, error };
    const saga = rescueOf(context.registry, failed, context.outputLimitBytes);
    return saga && ({ kind: 'start', saga } as const);
  } catch (cause) {
    log.error({ err: messageOf(cause) }, 'rescue not started');
    return { kind: 'refused', message: messageOf(cause) } as const;
  }
}

/** Its row is committed: what the queues do not take now, the reconciler gives them later. */
async function sendRescue({ context, log }: CompensationRun, saga: NewSaga): Promise<void> {
  const { sagaId: rescueSagaId, type } = saga;
  context.meter.note({ kind: 'saga', type, status: 'RUNNING' });
  log.warn({ rescueSagaId }, 'rescue started');
  try {
    await context.flows.addForward({ ...saga, generation: 1, from: 0, definition: context.registry.get(type) });
  } catch (error) {
    log.warn({ rescueSagaId, err: messageOf(error) }, 'queues out of reach, left to the reconciler');
  }
}

function noteUndo({ context, job }: CompensationRun, outcome: UndoEnd): void {
  const { type, step } = job.data;
  context.meter.note({ kind: 'compensation', type, step, outcome });
}

function refOf({ job }: CompensationRun): CompensationRef {
  const { sagaId, generation, step, failedFor } = job.data;
  const retried = failedFor !== undefined && job.attemptsMade > failedFor.attemptsMade;
  return { sagaId, generation, step, retriedTask: retried ? failedFor.taskId : undefined };
}

/** The saga is parked: its job stays failed, in sight, and knows for which task, so that a retry of it is known as one. */
async function park({ job }: CompensationRun, taskId: string, message: string): Promise<never> {
  await job.updateData({ ...job.data, failedFor: { taskId, attemptsMade: job.attemptsMade } });
  return failJob(message);
}

/** What a check-in that granted nothing means for the job. */
async function notGranted(
  run: CompensationRun,
  result: Exclude<CompensationCheckIn, CompensationGrant>,
): Promise<CompensationOutcome> {
  if (result.kind === 'parked') return park(run, result.taskId, 'The compensation was given up');
  return result.kind === 'done' ? 'compensated' : 'skipped';
}

function boundsOf(run: CompensationRun) {
  return {
    what: `compensation of ${run.step.name}`,
    clock: run.context.clock,
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

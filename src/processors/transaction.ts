import type { SqlRunner, StepDefinition } from '../core/definition.ts';
import { outputText } from '../core/json.ts';
import { transact } from '../store/transact.ts';
import { TurnTakenError } from '../store/turn.ts';
import type { Bound } from './bounded.ts';
import { runBounded } from './bounded.ts';
import { findDefinition } from './context.ts';
import { NotBegunError } from './slots.ts';
import type { StepOutcome, StepRun } from './step-run.ts';
import type { RecordResult } from '../store/journal/journal.ts';
import { boundsOf, noteRecord, stepContext, stepDone } from './step-run.ts';

/** Prisma's own bounds: ours come first, and end the transaction from inside. */
const SLACK_MS = 5_000;

/** The saga has moved on while the transaction waited for it: nothing of it stays. */
class FenceLostError extends Error {
  override readonly name = 'FenceLostError';
}

/** The step's writes and its record commit together, or neither does: exactly once. */
export async function processTransaction(
  run: StepRun,
  step: StepDefinition & { kind: 'transaction' },
): Promise<StepOutcome> {
  return inStepTransaction(run, step.timeoutMs, async (tx, bound) => {
    const output = await step.execute({ ...stepContext(run, bound), tx });
    return { output };
  });
}

/** What the work of a step's transaction comes to: an output to record, or nothing yet; or the fence let nothing through. */
export type TransactionResult = { readonly output: unknown } | 'not-yet' | 'refused';

/**
 * Runs `work` in a transaction, and records its output in it under the fence: if the saga has moved on meanwhile, nothing
 * of it stays. Of two runs of one step, the second comes back when the first is over.
 */
export async function inStepTransaction(
  run: StepRun,
  timeoutMs: number,
  work: (tx: SqlRunner, bound: Bound) => Promise<TransactionResult>,
): Promise<StepOutcome> {
  const { journal, prisma, ownIn, registry, transactions, outputLimitBytes, onEventsWritten } = run.context;
  const client = findDefinition(registry, run.job.data.type).db ?? prisma;
  const grantedAt = performance.now();
  let recorded: RecordResult | undefined;
  try {
    const inTransaction = (tx: SqlRunner) => {
      const own = ownIn(tx);
      const bounds = boundsOf(run, timeoutMs);
      const deadlineMs = bounds.deadlineMs - (performance.now() - grantedAt);
      return runBounded({ ...bounds, deadlineMs }, async (bound): Promise<StepOutcome> => {
        if (!(await journal.enterIn(own, run.job.data, timeoutMs + SLACK_MS))) throw new FenceLostError();
        const result = await work(tx, bound);
        bound.signal.throwIfAborted();
        if (result === 'refused') throw new FenceLostError();
        if (result === 'not-yet') return 'waiting';
        recorded = await journal.recordIn(own, stepDone(run, outputText(result.output, outputLimitBytes)));
        if (recorded.kind !== 'recorded') throw new FenceLostError();
        return 'done';
      });
    };
    const limits = { maxWait: SLACK_MS, timeout: timeoutMs + SLACK_MS };
    const outcome = await transactions.use(() => transact(client, limits, inTransaction));
    if (recorded) noteRecord(run, recorded);
    onEventsWritten();
    return outcome;
  } catch (error) {
    if (error instanceof TurnTakenError || error instanceof NotBegunError) await journal.withdraw(run.job.data);
    if (!(error instanceof FenceLostError)) throw error;
    run.log.info('step was recorded or given up elsewhere');
    return 'skipped';
  }
}

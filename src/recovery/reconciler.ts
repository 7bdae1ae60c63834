import type { SqlRunner } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { RebuildContext } from '../queues/rebuild.ts';
import { rebuildFlow, turnFlow } from '../queues/rebuild.ts';
import type { Suspect } from '../store/suspects.ts';
import { BATCH, findOverdue, findOverslept, findQuiet, findUnfinished } from '../store/suspects.ts';
import type { Verdicts } from '../store/verdicts.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

/** How long a sweep may take, in milliseconds. What it mended by then stays so. */
const SWEEP_LIMIT_MS = 15_000;
/** Elects one reconciler among all processes of a database, sweep by sweep. One that freezes in its sweep is thrown out of it
 *  by the server, and another goes on. */
const ELECT = `
  SELECT pg_try_advisory_xact_lock(5283671) AS elected,
    set_config('idle_in_transaction_session_timeout', '${SWEEP_LIMIT_MS}', true)`;
const SWEEP_MS = 1_000;
/** Sagas that are looked at together. */
const AT_ONCE = 10;

export interface ReconcilerContext extends RebuildContext {
  readonly verdicts: Verdicts;
  readonly backend: Pick<QueueBackend, 'ready' | 'isMarked' | 'beginMarking' | 'endMarking'>;
}

/** Where the next sweep goes on. `all`: the queues were wiped, and every unfinished saga is looked at. */
interface Position {
  readonly cursor: bigint;
  readonly all: boolean;
}

const START: Position = { cursor: 0n, all: false };

/** Compares what PostgreSQL says with what the queues hold, once a second, and repairs the queues. */
export function startReconciler(context: ReconcilerContext): Loop {
  let position = START;
  return startLoop(async () => {
    try {
      position = await sweep(context, position);
      return position.all ? 0 : SWEEP_MS;
    } catch (error) {
      context.log.warn({ err: messageOf(error) }, 'sweep failed');
      return SWEEP_MS;
    }
  });
}

/** One sweep, if no other process has one under way. */
async function sweep(context: ReconcilerContext, position: Position): Promise<Position> {
  return context.sql.$transaction(
    async (tx) => {
      const [lock] = await tx.$queryRawUnsafe<{ elected: boolean }[]>(ELECT);
      if (lock?.elected !== true) return START;
      await turnBackOverdue(context, tx);
      await context.backend.ready();
      if (position.all || (await context.backend.isMarked())) return repairFrom(context, tx, position);
      await context.backend.beginMarking();
      return repairFrom(context, tx, { cursor: 0n, all: true });
    },
    { maxWait: 5_000, timeout: SWEEP_LIMIT_MS },
  );
}

/** Sagas past their deadline turn back, whether or not their worker lives. */
async function turnBackOverdue(context: ReconcilerContext, tx: SqlRunner): Promise<void> {
  await inGroups(await findOverdue(tx), async ({ saga_id: sagaId, generation }) => {
    const before = await context.verdicts.recall(sagaId, generation, 'TIMEOUT', 'Saga timeout exceeded');
    if (!before) return;
    context.log.warn({ sagaId }, 'saga timeout exceeded');
    try {
      await turnFlow(context, before);
    } catch (error) {
      // It has turned back, and its flow is missing: that is mended as any other.
      context.log.warn({ sagaId, err: messageOf(error) }, 'flow not turned');
    }
  });
}

async function inGroups<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let first = 0; first < items.length; first += AT_ONCE)
    await Promise.all(items.slice(first, first + AT_ONCE).map(work));
}

/** Unfinished sagas, oldest first: their flow must have a job that will go on. */
async function repairFrom(context: ReconcilerContext, tx: SqlRunner, { cursor, all }: Position): Promise<Position> {
  const suspects = await (all ? findUnfinished(tx, cursor) : findQuiet(tx, cursor));
  const overslept = all ? [] : await findOverslept(tx);
  await inGroups([...suspects, ...overslept], (suspect) => repair(context, suspect));
  const last = suspects.at(-1);
  if (all && last)
    context.log.warn(
      { lookedAt: suspects.length, upTo: last.saga_id },
      'queues wiped or new: unfinished sagas looked at',
    );
  if (suspects.length === BATCH && last) return { cursor: last.id, all };
  // Wiped once more meanwhile, it begins anew.
  if (all && !(await context.backend.endMarking())) context.log.warn('queues wiped while they were filled');
  return START;
}

async function repair(context: ReconcilerContext, suspect: Suspect): Promise<void> {
  const { saga_id: sagaId, saga_type: type, generation, definition } = suspect;
  const next = suspect.status === 'RUNNING' ? definition[suspect.steps_done] : undefined;
  const ref = { sagaId, type, generation };
  if (await context.flows.isAlive(ref, definition, next)) {
    if (suspect.waiting && next !== undefined) await context.flows.wakeStep(ref, next);
    return;
  }
  // What moved while the queues were read is no suspect any more.
  const saga = await context.sagas.load(sagaId);
  if (saga?.updatedAt.getTime() !== suspect.updated_at.getTime() || saga.record.status !== suspect.status) return;
  if (!(await rebuildFlow(context, saga))) return;
  context.log.warn({ sagaId, generation: saga.record.generation + 1 }, 'flow rebuilt');
}

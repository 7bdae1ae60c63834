import type { SqlRunner } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { Meter } from '../metrics/meter.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { RebuildContext, UnfinishedSaga } from '../queues/rebuild.ts';
import { rebuildFlow, rebuildFlows, turnFlow } from '../queues/rebuild.ts';
import type { Suspect } from '../store/upkeep/suspects.ts';
import { BATCH, findOverdue, findOverslept, findQuiet, findUnfinished } from '../store/upkeep/suspects.ts';
import type { Verdicts } from '../store/sagas/verdicts.ts';
import { within } from '../store/within.ts';
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
/** How long a sweep fills wiped queues, in milliseconds. */
const REFILL_MS = 5_000;
/** How long a sweep waits for one saga, in milliseconds. */
const SAGA_LIMIT_MS = 2_000;
/** Sagas that are looked at together. */
const AT_ONCE = 10;

export interface ReconcilerContext extends RebuildContext {
  readonly verdicts: Verdicts;
  readonly meter: Meter;
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
      if (position.all) return refillFrom(context, tx, position);
      if (await context.backend.isMarked()) return repairFrom(context, tx, position);
      await context.backend.beginMarking();
      return refillFrom(context, tx, { cursor: 0n, all: true });
    },
    { maxWait: 5_000, timeout: SWEEP_LIMIT_MS },
  );
}

/** Sagas past their deadline turn back, whether or not their worker lives. */
async function turnBackOverdue(context: ReconcilerContext, tx: SqlRunner): Promise<void> {
  await inGroups(context, await findOverdue(tx), async ({ saga_id: sagaId, generation }) => {
    const before = await context.verdicts.recall(sagaId, generation, 'TIMEOUT', 'Saga timeout exceeded');
    if (!before) return;
    context.meter.note({ kind: 'repair', repair: 'deadline' });
    context.log.warn({ sagaId }, 'saga timeout exceeded');
    try {
      await turnFlow(context, before);
    } catch (error) {
      // It has turned back, and its flow is missing: that is mended as any other.
      context.log.warn({ sagaId, err: messageOf(error) }, 'flow not turned');
    }
  });
}

/** A saga that cannot be mended now, as when somebody holds its row, is left for a later sweep: the others are not. */
async function inGroups<T extends { readonly saga_id: string }>(
  { log }: ReconcilerContext,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const attempt = async (item: T) => {
    try {
      await within(SAGA_LIMIT_MS, 'PostgreSQL and the queues', work(item));
    } catch (error) {
      log.warn({ sagaId: item.saga_id, err: messageOf(error) }, 'saga left for a later sweep');
    }
  };
  for (let first = 0; first < items.length; first += AT_ONCE)
    await Promise.all(items.slice(first, first + AT_ONCE).map(attempt));
}

/** Batch after batch: in between, another process could be elected, and would begin anew. But for the deadlines of others. */
async function refillFrom(context: ReconcilerContext, tx: SqlRunner, start: Position): Promise<Position> {
  const until = performance.now() + REFILL_MS;
  let position = start;
  do position = await repairFrom(context, tx, position);
  while (position.all && performance.now() < until);
  return position;
}

/** Unfinished sagas, oldest first: their flow must have a job that will go on. */
async function repairFrom(context: ReconcilerContext, tx: SqlRunner, { cursor, all }: Position): Promise<Position> {
  const suspects = await (all ? findUnfinished(tx, cursor) : findQuiet(tx, cursor));
  if (all) await refill(context, suspects);
  else await inGroups(context, [...suspects, ...(await findOverslept(tx))], (suspect) => repair(context, suspect));
  const last = suspects.at(-1);
  if (suspects.length === BATCH && last) return { cursor: last.id, all };
  // Wiped once more meanwhile, it begins anew.
  if (all && !(await context.backend.endMarking())) context.log.warn('queues wiped while they were filled');
  return START;
}

/** The queues were wiped: whatever has no flow gets one. */
async function refill(context: ReconcilerContext, suspects: readonly Suspect[]): Promise<void> {
  const sagas = suspects.map(unfinished);
  const there = await context.flows.areThere(sagas.map((saga) => ({ ...saga, lastStep: saga.steps.at(-1) })));
  const rebuilt = await rebuildFlows(
    context,
    sagas.filter((_, index) => there[index] !== true),
  );
  context.meter.note({ kind: 'repair', repair: 'refilled', count: rebuilt });
  const upTo = sagas.at(-1)?.sagaId;
  if (upTo) context.log.warn({ lookedAt: sagas.length, rebuilt, upTo }, 'queues wiped or new: flows are rebuilt');
}

function unfinished(suspect: Suspect): UnfinishedSaga {
  const { saga_id: sagaId, saga_type: type, status, generation, definition: steps, steps_done: stepsDone } = suspect;
  return { sagaId, type, status, generation, steps, stepsDone };
}

async function repair(context: ReconcilerContext, suspect: Suspect): Promise<void> {
  const saga = unfinished(suspect);
  const next = saga.status === 'RUNNING' ? saga.steps[saga.stepsDone] : undefined;
  if (await context.flows.isAlive(saga, saga.steps, next)) {
    if (suspect.waiting && next !== undefined && (await context.flows.wakeStep(saga, next)))
      context.meter.note({ kind: 'repair', repair: 'woken' });
    return;
  }
  // What moved while the queues were read is no suspect any more.
  const again = await context.sagas.load(saga.sagaId);
  if (again?.updatedAt.getTime() !== suspect.updated_at.getTime() || again.record.status !== saga.status) return;
  if (!(await rebuildFlow(context, again))) return;
  context.meter.note({ kind: 'repair', repair: 'rebuilt' });
  context.log.warn({ sagaId: saga.sagaId, generation: saga.generation + 1 }, 'flow rebuilt');
}

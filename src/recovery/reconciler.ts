import type { SqlRunner } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { RebuildContext } from '../queues/rebuild.ts';
import { rebuildFlow, turnFlow } from '../queues/rebuild.ts';
import { NOW_UTC } from '../store/fence.ts';
import type { Verdicts } from '../store/verdicts.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

/** Elects one reconciler among all processes of a database, sweep by sweep. */
const ADVISORY_LOCK = 5_283_671;
/** A saga nothing was written of for this long is looked at, in milliseconds. */
const STALE_MS = 5_000;
const SWEEP_MS = 1_000;
const BATCH = 200;
/** Sagas that are looked at together. */
const AT_ONCE = 10;

export interface ReconcilerContext extends RebuildContext {
  readonly verdicts: Verdicts;
  readonly backend: Pick<QueueBackend, 'ready' | 'isMarked' | 'mark'>;
}

interface Suspect {
  readonly id: bigint;
  readonly saga_id: string;
  readonly current_step: string;
  readonly answered: boolean;
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
      const [lock] = await tx.$queryRawUnsafe<{ elected: boolean }[]>(
        `SELECT pg_try_advisory_xact_lock(${ADVISORY_LOCK}) AS elected`,
      );
      if (lock?.elected !== true) return START;
      await turnBackOverdue(context, tx);
      await context.backend.ready();
      if (position.all || (await context.backend.isMarked())) return repairFrom(context, tx, position);
      return repairFrom(context, tx, { cursor: 0n, all: true });
    },
    { maxWait: 5_000, timeout: 60_000 },
  );
}

/** Sagas past their deadline turn back, whether or not their worker lives. */
async function turnBackOverdue(context: ReconcilerContext, tx: SqlRunner): Promise<void> {
  const overdue = await tx.$queryRawUnsafe<{ saga_id: string; generation: number }[]>(
    `SELECT saga_id, generation FROM saga_state WHERE status = 'RUNNING' AND timeout_at < ${NOW_UTC}
     ORDER BY timeout_at LIMIT ${BATCH}`,
  );
  for (const { saga_id: sagaId, generation } of overdue) {
    const before = await context.verdicts.recall(sagaId, generation, 'TIMEOUT', 'Saga timeout exceeded');
    if (!before) continue;
    context.log.warn({ sagaId }, 'saga timeout exceeded');
    await turnFlow(context, before);
  }
}

/** Unfinished sagas, oldest first: their flow must have a job that will go on. */
async function repairFrom(context: ReconcilerContext, tx: SqlRunner, { cursor, all }: Position): Promise<Position> {
  const suspects = await findSuspects(tx, cursor, all ? 0 : STALE_MS);
  for (let first = 0; first < suspects.length; first += AT_ONCE)
    await Promise.all(suspects.slice(first, first + AT_ONCE).map((suspect) => repair(context, suspect)));
  const last = suspects.at(-1);
  if (all && last)
    context.log.warn(
      { lookedAt: suspects.length, upTo: last.saga_id },
      'queues wiped or new: unfinished sagas looked at',
    );
  if (suspects.length === BATCH && last) return { cursor: last.id, all };
  if (all) await context.backend.mark();
  return START;
}

/** Sagas that nothing was written of for `quietMs`. */
function findSuspects(tx: SqlRunner, cursor: bigint, quietMs: number): Promise<Suspect[]> {
  return tx.$queryRawUnsafe<Suspect[]>(
    `SELECT id, saga_id, current_step, EXISTS (
       SELECT FROM saga_signal WHERE saga_signal.saga_id = saga_state.saga_id AND saga_signal.name = saga_state.current_step
     ) AS answered
     FROM saga_state
     WHERE status IN ('RUNNING', 'COMPENSATING') AND id > $1::bigint
       AND updated_at <= ${NOW_UTC} - $2::float8 * interval '1 millisecond'
     ORDER BY id LIMIT ${BATCH}`,
    cursor,
    quietMs,
  );
}

async function repair(context: ReconcilerContext, suspect: Suspect): Promise<void> {
  const saga = await context.sagas.load(suspect.saga_id);
  if (!saga || (saga.record.status !== 'RUNNING' && saga.record.status !== 'COMPENSATING')) return;
  const names = saga.record.steps.map((step) => step.name);
  if (await context.flows.isAlive(saga.record, names)) {
    if (suspect.answered && saga.waitUntil !== null) await context.flows.wakeStep(saga.record, suspect.current_step);
    return;
  }
  // What moved while the queues were read is no suspect any more.
  const again = await context.sagas.load(suspect.saga_id);
  if (again?.updatedAt.getTime() !== saga.updatedAt.getTime()) return;
  await rebuild(context, suspect.saga_id);
}

async function rebuild(context: ReconcilerContext, sagaId: string): Promise<void> {
  const saga = await context.sagas.load(sagaId);
  if (!saga || !(await rebuildFlow(context, saga))) return;
  context.log.warn({ sagaId, generation: saga.record.generation + 1 }, 'flow rebuilt');
}

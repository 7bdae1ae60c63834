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
/** A saga that should move, and of which nothing was written for this long, is looked at, in milliseconds. */
const QUIET_MS = 5_000;
/** A step whose wait has been over for this long is looked at, in milliseconds. */
const OVERSLEPT_MS = 1_000;
const SWEEP_MS = 1_000;
const BATCH = 200;
/** Sagas that are looked at together. */
const AT_ONCE = 10;

const SUSPECTS = `
  SELECT id, saga_id, saga_type, status, generation, definition, steps_done, wait_until IS NOT NULL AS waiting, updated_at
  FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING')`;

/** Each has a partial index of its own: what they cost depends on the sagas they find, not on those that are finished or
 *  asleep. */
const UNFINISHED = `${SUSPECTS} AND id > $1::bigint ORDER BY id LIMIT ${BATCH}`;
const QUIET = `${SUSPECTS} AND wait_until IS NULL AND id > $1::bigint
  AND updated_at <= ${NOW_UTC} - interval '${QUIET_MS} milliseconds' ORDER BY id LIMIT ${BATCH}`;
const OVERSLEPT = `${SUSPECTS} AND wait_until <= ${NOW_UTC} - interval '${OVERSLEPT_MS} milliseconds'
  ORDER BY wait_until LIMIT ${BATCH}`;

export interface ReconcilerContext extends RebuildContext {
  readonly verdicts: Verdicts;
  readonly backend: Pick<QueueBackend, 'ready' | 'isMarked' | 'mark'>;
}

/** A saga that should move, or whose wait is over, as its row says. */
interface Suspect {
  readonly id: bigint;
  readonly saga_id: string;
  readonly saga_type: string;
  readonly status: 'RUNNING' | 'COMPENSATING';
  readonly generation: number;
  readonly definition: readonly string[];
  readonly steps_done: number;
  readonly waiting: boolean;
  readonly updated_at: Date;
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
  const suspects = await tx.$queryRawUnsafe<Suspect[]>(all ? UNFINISHED : QUIET, cursor);
  const overslept = all ? [] : await tx.$queryRawUnsafe<Suspect[]>(OVERSLEPT);
  await repairAll(context, [...suspects, ...overslept]);
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

async function repairAll(context: ReconcilerContext, suspects: readonly Suspect[]): Promise<void> {
  for (let first = 0; first < suspects.length; first += AT_ONCE)
    await Promise.all(suspects.slice(first, first + AT_ONCE).map((suspect) => repair(context, suspect)));
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

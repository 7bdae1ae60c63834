import type { SqlRunner } from '../../core/definition.ts';
import type { NewSaga } from '../../core/request.ts';
import type { SagaStatus } from '../../core/status.ts';
import { isInfrastructureFault } from '../fault.ts';
import { NOW_UTC } from '../fence.ts';
import type { OnFlush } from '../group-commit.ts';
import { createGroupCommit } from '../group-commit.ts';
import { STATEMENT_MS, within } from '../within.ts';

export type StartResult =
  | { readonly kind: 'started' }
  /** The idempotency key was used before, for the same request or for another. */
  | { readonly kind: 'known'; readonly sagaId: string; readonly status: SagaStatus; readonly sameRequest: boolean }
  /** An unfinished saga of the type works on the subject. */
  | { readonly kind: 'subject-busy'; readonly sagaId: string };

export interface Starts {
  /** Inserts the saga's row: from the commit on it is accepted, whatever becomes of its flow. */
  start(saga: NewSaga): Promise<StartResult>;
}

// Who started it, where somebody is named, is audited by the same statement. IS TRUE makes the look-up a hash.
const INSERT = `
  WITH op AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[],
        $9::float8[], $10::text[], $11::text[])
      AS op(saga_id, saga_type, steps, input, max_retries, idempotency_key, request_hash, subject, timeout_ms, trace_parent, actor)
  ), started AS (
    INSERT INTO saga_state (saga_id, saga_type, current_step, definition, input, state, max_retries,
      idempotency_key, request_hash, subject, timeout_at, trace_parent)
    SELECT saga_id, saga_type, split_part(steps, ',', 1), string_to_array(steps, ','), input::jsonb, input::jsonb, max_retries,
      idempotency_key, request_hash, subject, ${NOW_UTC} + timeout_ms * interval '1 millisecond', trace_parent
    FROM op
    ON CONFLICT DO NOTHING
    RETURNING saga_id
  ), audited AS (
    INSERT INTO audit_entry (actor, action, saga_id)
    SELECT actor, 'start', saga_id FROM op
    WHERE actor IS NOT NULL AND (saga_id IN (SELECT saga_id FROM started)) IS TRUE
  )
  SELECT saga_id FROM started`;

const FIND_BY_KEY = `
  SELECT saga_id, status, request_hash = $3 AS same_request FROM saga_state
  WHERE saga_type = $1 AND idempotency_key = $2`;

const FIND_BY_SUBJECT = `
  SELECT saga_id FROM saga_state
  WHERE saga_type = $1 AND subject = $2 AND status IN ('RUNNING', 'COMPENSATING', 'FAILED')`;

export function createStarts(sql: SqlRunner, onFlush?: OnFlush): Starts {
  const inserts = createGroupCommit<NewSaga, boolean>({
    commit: (sagas) => within(STATEMENT_MS, 'PostgreSQL', insertSagas(sql, sagas)),
    keyOf: (saga) => saga.sagaId,
    isShared: isInfrastructureFault,
    onFlush,
  });

  return {
    start: async (saga) => {
      // The holder of a subject may end between the insert and the look-up: then the insert is tried once more.
      for (let attempt = 0; attempt < 3; attempt += 1) {
        if (await inserts.submit(saga)) return { kind: 'started' };
        const conflict = await findConflict(sql, saga);
        if (conflict) return conflict;
      }
      throw new Error(`Saga ${saga.sagaId} was not inserted, and nothing stands in its way`);
    },
  };
}

/** Answers of each whether it was started: else its idempotency key or its subject is in use. */
export async function insertSagas(sql: SqlRunner, sagas: readonly NewSaga[]): Promise<readonly boolean[]> {
  const rows = await sql.$queryRawUnsafe<{ saga_id: string }[]>(
    INSERT,
    sagas.map((saga) => saga.sagaId),
    sagas.map((saga) => saga.type),
    sagas.map((saga) => saga.steps.join(',')),
    sagas.map((saga) => saga.input),
    sagas.map((saga) => saga.maxAttempts),
    sagas.map((saga) => saga.idempotencyKey),
    sagas.map((saga) => saga.requestHash),
    sagas.map((saga) => saga.subject),
    sagas.map((saga) => saga.timeoutMs),
    sagas.map((saga) => saga.traceParent),
    sagas.map((saga) => saga.actor),
  );
  const inserted = new Set(rows.map((row) => row.saga_id));
  return sagas.map((saga) => inserted.has(saga.sagaId));
}

async function findConflict(sql: SqlRunner, saga: NewSaga): Promise<StartResult | undefined> {
  if (saga.idempotencyKey !== null) {
    const [known] = await sql.$queryRawUnsafe<{ saga_id: string; status: SagaStatus; same_request: boolean }[]>(
      FIND_BY_KEY,
      saga.type,
      saga.idempotencyKey,
      saga.requestHash,
    );
    if (known) return { kind: 'known', sagaId: known.saga_id, status: known.status, sameRequest: known.same_request };
  }
  if (saga.subject === null) return undefined;
  const [holder] = await sql.$queryRawUnsafe<{ saga_id: string }[]>(FIND_BY_SUBJECT, saga.type, saga.subject);
  return holder && { kind: 'subject-busy', sagaId: holder.saga_id };
}

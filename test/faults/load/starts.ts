import pg from 'pg';
import type { Ask } from './api.ts';
import { askUntilAnswered, pause } from './api.ts';
import type { PlannedSaga } from './plan.ts';
import type { Accepted, World } from '../types.ts';

interface Asking {
  readonly ask: Ask;
  /** By saga id. */
  readonly accepted: Map<string, Accepted>;
  /** Those that were refused in the end, after a request that got no answer: that one may come to something yet. */
  readonly doubtful: PlannedSaga[];
  readonly stopped: AbortSignal;
}

/** Asks for a saga until there is an answer, and once more where that is planned; cancels it where that is. */
export async function startSaga(asking: Asking, planned: PlannedSaga): Promise<void> {
  const sagaId = await start(asking, planned);
  if (planned.repeated) await start(asking, planned);
  if (sagaId === undefined) return;
  if (planned.cancelAfterMs !== null) await cancel(asking, sagaId, planned.cancelAfterMs);
}

async function start({ ask, accepted, doubtful, stopped }: Asking, planned: PlannedSaga): Promise<string | undefined> {
  const startedAtMs = Date.now();
  const { path, body, key } = planned;
  let asked = 0;
  const answer = await askUntilAnswered(() => {
    asked += 1;
    return ask('POST', path, body, key);
  }, stopped);
  const sagaId = answer?.status === 202 ? String(answer.body['sagaId']) : undefined;
  if (sagaId === undefined && asked > 1) doubtful.push(planned);
  if (sagaId !== undefined && !accepted.has(sagaId)) accepted.set(sagaId, acceptedAs(sagaId, planned, startedAtMs));
  return sagaId;
}

async function cancel({ ask, accepted, stopped }: Asking, sagaId: string, afterMs: number): Promise<void> {
  await pause(afterMs, stopped);
  const reason = { reason: 'cancelled by the suite' };
  const answer = await askUntilAnswered(() => ask('POST', `/api/sagas/${sagaId}/cancel`, reason), stopped);
  const saga = accepted.get(sagaId);
  if (saga && answer?.status === 202) accepted.set(sagaId, { ...saga, cancelled: true });
}

/** Looks what became of the doubtful starts: what is there has to be right like any other saga. */
export async function adoptDoubtful(
  world: World,
  doubtful: readonly PlannedSaga[],
  accepted: Map<string, Accepted>,
): Promise<void> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  const query = `SELECT saga_id, started_at FROM saga_state WHERE saga_type = $1 AND idempotency_key = $2`;
  for (const planned of doubtful) {
    const { rows } = await client.query<{ saga_id: string; started_at: Date }>(query, [planned.type, planned.key]);
    for (const { saga_id: id, started_at: at } of rows)
      if (!accepted.has(id)) accepted.set(id, acceptedAs(id, planned, at.getTime()));
  }
  await client.end();
}

function acceptedAs(sagaId: string, planned: PlannedSaga, startedAtMs: number): Accepted {
  const { type, key } = planned;
  return { sagaId, type, key, input: inputOf(planned), startedAtMs, cancelled: false };
}

/** The route of a refund has a part of the input in its path. */
function inputOf({ path, body }: PlannedSaga): unknown {
  const [, paymentId] = /\/payments\/([^/]+)\/refund$/.exec(path) ?? [];
  return paymentId === undefined ? body : { paymentId, ...body };
}

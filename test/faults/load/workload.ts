import { setMaxListeners } from 'node:events';
import pg from 'pg';
import { apiClient, pause } from './api.ts';
import { ledgerClient } from '../sagas/ledger-client.ts';
import type { Outsiders } from './outsiders.ts';
import { startOutsiders } from './outsiders.ts';
import type { PlannedSaga } from './plan.ts';
import { planSagas } from './plan.ts';
import { untilQuiet } from './quiet.ts';
import { adoptDoubtful, startSaga } from './starts.ts';
import { createFaultTables } from '../sagas/tables.ts';
import type { Accepted, World } from '../types.ts';

export interface WorkloadOptions {
  readonly sagas: number;
  readonly seed: number;
}

export interface Workload {
  /** Asks for the sagas, spread over the time. */
  run(durationMs: number): Promise<void>;
  /** Call it when the faults are over. Waits until every start was answered and nothing is under way, or for `timeoutMs`. */
  settle(timeoutMs: number): Promise<readonly Accepted[]>;
  progress(): { readonly accepted: number; readonly ended: number };
}

const LOOK_MS = 1_000;

export function createWorkload(world: World, { sagas, seed }: WorkloadOptions): Workload {
  const accepted = new Map<string, Accepted>();
  const stop = new AbortController();
  // Every saga that is asked for listens to it.
  setMaxListeners(0, stop.signal);
  const ask = apiClient(() => world.apiUrl());
  const doubtful: PlannedSaga[] = [];
  const starts: Promise<void>[] = [];
  const ended = { count: 0 };
  let outsiders: Outsiders | undefined;
  let watch = Promise.resolve();

  const begin = async (planned: PlannedSaga, durationMs: number) => {
    await pause(planned.at * durationMs, stop.signal);
    await startSaga({ ask, accepted, doubtful, stopped: stop.signal }, planned);
  };
  return {
    progress: () => ({ accepted: accepted.size, ended: ended.count }),
    run: async (durationMs) => {
      await createFaultTables(world.databaseUrl);
      outsiders = startOutsiders(world, accepted);
      watch = watchEnds(world, ended, stop.signal);
      starts.push(...planSagas(seed, sagas).map((planned) => begin(planned, durationMs)));
      await pause(durationMs, stop.signal);
    },
    settle: async (timeoutMs) => {
      const deadlineMs = Date.now() + timeoutMs;
      const giveUp = setTimeout(() => stop.abort(), timeoutMs);
      await calm(world);
      await Promise.all(starts);
      await untilQuiet(world, () => outsiders?.busy() ?? false, Math.max(deadlineMs - Date.now(), 1));
      await adoptDoubtful(world, doubtful, accepted);
      clearTimeout(giveUp);
      stop.abort();
      await Promise.all([outsiders?.stop(), watch]);
      return [...accepted.values()];
    },
  };
}

/** Whatever was still ordered of the outside world to go wrong. */
async function calm(world: World): Promise<void> {
  world.receiver.calm();
  await ledgerClient(world.ledgerUrl).calm();
  await fetch(`${world.sandboxUrl}/sandbox/faults`, { method: 'DELETE' });
}

async function watchEnds(world: World, ended: { count: number }, stopped: AbortSignal): Promise<void> {
  const pool = new pg.Pool({ connectionString: world.databaseUrl, max: 1, connectionTimeoutMillis: LOOK_MS });
  pool.on('error', () => undefined);
  const query = `SELECT count(*)::int AS count FROM saga_state WHERE status NOT IN ('RUNNING', 'COMPENSATING')`;
  while (!stopped.aborted) {
    const rows = await pool.query<{ count: number }>(query).then(
      (result) => result.rows,
      () => [],
    );
    ended.count = rows[0]?.count ?? ended.count;
    await pause(LOOK_MS, stopped);
  }
  await pool.end();
}

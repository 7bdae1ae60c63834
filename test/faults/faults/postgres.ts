import { eventually } from '../../support/eventually.ts';
import type { Rig } from '../rig/rig.ts';
import type { FaultKind } from './fault.ts';

const LANES = ['postgres'];

/** PostgreSQL crashed and away, or refusing to write as after a failover. */
export const POSTGRES_FAULTS: readonly FaultKind[] = [
  {
    name: 'PostgreSQL crashed',
    weight: 1,
    plan: (random) => {
      const forMs = random.integer(200, 2_500);
      return { what: `away for ${forMs} ms`, lanes: LANES, forMs, strike: (rig) => restart(rig, forMs) };
    },
  },
  {
    name: 'PostgreSQL read-only',
    weight: 1,
    plan: (random) => {
      const forMs = random.integer(300, 2_000);
      return { what: `for ${forMs} ms`, lanes: LANES, forMs, strike: (rig) => readOnly(rig, forMs) };
    },
  },
];

async function restart(rig: Rig, forMs: number): Promise<void> {
  await rig.servers.postgres.kill();
  await rig.rest(forMs);
  await rig.servers.postgres.start();
}

async function readOnly(rig: Rig, forMs: number): Promise<void> {
  await configure(rig, 'ALTER SYSTEM SET default_transaction_read_only = on');
  await rig.rest(forMs);
  await eventually(() => configure(rig, 'ALTER SYSTEM RESET default_transaction_read_only').then(() => true));
}

/** The settings are read anew by running sessions too. */
function configure(rig: Rig, statement: string): Promise<unknown> {
  return rig.asPostgres(async (client) => {
    await client.query(statement);
    await client.query('SELECT pg_reload_conf()');
  });
}

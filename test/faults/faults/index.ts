import { QUEUE_NAMES } from '../../../src/queues/names.ts';
import { eventually } from '../../support/eventually.ts';
import type { Rig } from '../rig/rig.ts';
import { DASHBOARD_FAULTS } from './dashboard.ts';
import type { FaultKind } from './fault.ts';
import { NETWORK_FAULTS } from './network.ts';
import { POSTGRES_FAULTS } from './postgres.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { PROVIDER_FAULTS } from './provider.ts';
import { REDIS_FAULTS } from './redis.ts';

/** Everything that a run may suffer. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...PROCESS_FAULTS,
  ...REDIS_FAULTS,
  ...POSTGRES_FAULTS,
  ...NETWORK_FAULTS,
  ...PROVIDER_FAULTS,
  ...DASHBOARD_FAULTS,
];

const HARSH = /^(kill worker|freeze|Redis wiped|network hangs|provider slow|dashboard (obliterates|removes|empties))/;
const OFTEN = new Set(['Redis wiped', 'provider slow']);

/** What leaves jobs behind that still run while others have taken their place. For a broken engine: it shall be found out. */
export const HARSH_FAULTS: readonly FaultKind[] = FAULT_KINDS.filter(({ name }) => HARSH.test(name)).map((kind) =>
  OFTEN.has(kind.name) ? { ...kind, weight: 3 * kind.weight } : kind,
);

/** Every fault puts right what it did, but orders to the provider wait until somebody comes, and a pause may be lost on the
 *  way. */
export async function heal(rig: Rig): Promise<void> {
  await fetch(`${rig.world.sandboxUrl}/sandbox/faults`, { method: 'DELETE' });
  for (const name of QUEUE_NAMES)
    await eventually(() => rig.withQueue(name, (queue) => queue.resume()).then(() => true));
}

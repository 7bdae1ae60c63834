import { eventually } from '../../support/eventually.ts';
import type { Rig } from '../rig/rig.ts';
import type { FaultKind } from './fault.ts';

const LANES = ['redis'];
/** Nobody listens on it: a replica of it gets nothing, and refuses writes. */
const DEAD_PORT = 1;

/** Redis away, empty, slow or refusing to write. */
export const REDIS_FAULTS: readonly FaultKind[] = [
  {
    name: 'Redis killed',
    weight: 1,
    plan: (random) => {
      const forMs = random.integer(300, 2_500);
      return { what: `away for ${forMs} ms`, lanes: LANES, forMs, strike: (rig) => restart(rig, forMs) };
    },
  },
  {
    name: 'Redis wiped',
    weight: 1.5,
    plan: () => ({
      what: 'FLUSHALL',
      lanes: LANES,
      forMs: 500,
      strike: (rig) => rig.asRedis((redis) => redis.flushall()).then(() => undefined),
    }),
  },
  {
    name: 'Redis paused',
    weight: 1,
    plan: (random) => {
      const forMs = random.integer(300, 2_500);
      return { what: `CLIENT PAUSE ${forMs}`, lanes: LANES, forMs, strike: (rig) => pause(rig, forMs) };
    },
  },
  {
    name: 'Redis read-only',
    weight: 1,
    plan: (random) => {
      const forMs = random.integer(500, 2_500);
      return { what: `for ${forMs} ms`, lanes: LANES, forMs, strike: (rig) => readOnly(rig, forMs) };
    },
  },
];

async function restart(rig: Rig, forMs: number): Promise<void> {
  await rig.servers.redis.kill();
  await rig.rest(forMs);
  await rig.servers.redis.start();
}

async function pause(rig: Rig, forMs: number): Promise<void> {
  await rig.asRedis((redis) => redis.call('CLIENT', 'PAUSE', forMs, 'ALL'));
  await rig.rest(forMs);
}

async function readOnly(rig: Rig, forMs: number): Promise<void> {
  await rig.asRedis((redis) => redis.replicaof('127.0.0.1', DEAD_PORT));
  await rig.rest(forMs);
  await eventually(() => rig.asRedis((redis) => redis.replicaof('NO', 'ONE')));
}

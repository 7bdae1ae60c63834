import type { ProxyMode } from '../rig/proxy.ts';
import type { Random } from '../random.ts';
import type { FaultKind } from './fault.ts';
import { API, WORKERS } from '../rig/crew.ts';

/** The API is the only way in: were it cut off for long, there would be nothing to be struck. */
const MOST_FOR_API_MS = 2_000;

/** The way between one process and one server. */
export const NETWORK_FAULTS: readonly FaultKind[] = [
  network('network cut', 'cut', (random) => random.integer(200, 4_000)),
  // Longer than a worker's lock of five seconds, too.
  network('network hangs', 'hang', (random) => random.integer(200, 8_000)),
  network('replies delayed', 'hang-replies', (random) => random.integer(200, 6_000)),
  network('replies lost', 'lose-replies', (random) => random.integer(100, 2_000)),
];

function network(name: string, mode: ProxyMode, length: (random: Random) => number): FaultKind {
  return {
    name,
    weight: 2,
    plan: (random) => {
      const member = random.pick([...WORKERS, ...WORKERS, API]);
      const server = random.pick(['redis', 'postgres'] as const);
      const forMs = Math.min(length(random), member === API ? MOST_FOR_API_MS : Number.POSITIVE_INFINITY);
      const what = `${member} to ${server} for ${forMs} ms`;
      return {
        what,
        lanes: [`${member} to ${server}`],
        forMs,
        strike: async (rig) => {
          const over = rig.impairMember(member, `${name}: ${what}`);
          rig.proxies.between(member, server).set(mode);
          await rig.rest(forMs);
          rig.proxies.between(member, server).set('pass');
          over();
        },
      };
    },
  };
}

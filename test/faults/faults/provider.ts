import type { FaultKind } from './fault.ts';

const OPERATIONS = ['charge', 'refund', 'lookup'] as const;
/** Beyond the eight seconds that the billing sagas wait for an answer, too. */
const SLOWEST_MS = 10_000;

/** The payment provider refuses, is slow, or does what is asked and does not answer. */
export const PROVIDER_FAULTS: readonly FaultKind[] = [
  provider('provider errors', 'error', 3),
  provider('provider slow', 'slow', 2),
  provider('provider loses replies', 'lost-reply', 3),
  provider('provider rejects', 'reject', 1),
];

function provider(name: string, fault: 'error' | 'slow' | 'lost-reply' | 'reject', weight: number): FaultKind {
  return {
    name,
    weight,
    plan: (random) => {
      const order = {
        operation: random.pick(OPERATIONS),
        fault,
        times: random.integer(1, 12),
        delayMs: random.integer(100, SLOWEST_MS),
      };
      return {
        what: `${order.operation} ${order.times} times${fault === 'slow' ? ` by ${order.delayMs} ms` : ''}`,
        lanes: [],
        forMs: 0,
        strike: async ({ world }) => {
          const response = await fetch(`${world.sandboxUrl}/sandbox/faults`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(order),
          });
          if (response.status !== 201) throw new Error(await response.text());
        },
      };
    },
  };
}

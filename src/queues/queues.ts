import type { Queue } from 'bullmq';
import type { Registry } from '../core/registry.ts';
import type { QueueBackend } from './backend.ts';
import type { Lane } from './lanes.ts';
import { lanesOf } from './lanes.ts';
import { COMPENSATIONS, EVENTS, NOTICES, OUTCOMES, STEPS } from './names.ts';

export type OpenLane = Lane & { readonly queue: Queue };

export interface Queues {
  readonly steps: Queue;
  readonly compensations: Queue;
  readonly outcomes: Queue;
  readonly events: Queue;
  /** Only where others are told of something. */
  readonly notices: Queue | undefined;
  readonly lanes: readonly OpenLane[];
  /** All of them. */
  readonly list: readonly Queue[];
}

export function openQueues(backend: Pick<QueueBackend, 'queue'>, registry: Registry, tells: boolean): Queues {
  const common = {
    steps: backend.queue(STEPS),
    compensations: backend.queue(COMPENSATIONS),
    outcomes: backend.queue(OUTCOMES),
    events: backend.queue(EVENTS),
  };
  const lanes = lanesOf(registry).map((lane) => ({ ...lane, queue: backend.queue(lane.name) }));
  const notices = tells ? backend.queue(NOTICES) : undefined;
  const list = [...Object.values(common), ...(notices ? [notices] : []), ...lanes.map(({ queue }) => queue)];
  return { ...common, notices, lanes, list };
}

import { z } from 'zod';
import type { SagaJob } from '../../queues/saga-jobs.ts';
import type { QueueView } from '../../queues/queue-counts.ts';
import type { Overview } from '../../store/views.ts';
import { sagaSummary } from '../views.ts';
import { schemaOf } from '../schema-of.ts';

const time = z.iso.datetime();

const counts = z.object({
  RUNNING: z.int(),
  COMPENSATING: z.int(),
  FAILED: z.int(),
  COMPLETED: z.int(),
  COMPENSATED: z.int(),
  TIMEOUT: z.int(),
  CANCELLED: z.int(),
  ABANDONED: z.int(),
});

export const overview = schemaOf<Overview>()(
  z
    .object({
      at: time,
      counts: counts.describe('All sagas by status; of ended ones it may be some seconds old'),
      parked: z.int(),
      openTasks: z.int(),
      oldestReadyMs: z.int().describe('How long the oldest step has been ready without having begun'),
      workers: z.int().nullable().describe('Connected workers; null: the queues are away'),
      backlog: z.int().nullable().describe('Jobs that have a slot or want one; null: the queues are away'),
      series: z
        .array(z.object({ at: time, completed: z.int(), failed: z.int() }))
        .describe('By the time of the end, in equal buckets; `at` is the beginning of one, the last is not over'),
      failureRate: z.number().describe('Of what ended in the window, how much ended otherwise than COMPLETED, 0 to 1'),
      parkedSagas: z.array(sagaSummary).describe('The ten newest'),
    })
    .meta({ id: 'Overview' }),
);

export const queueView = schemaOf<QueueView>()(
  z
    .object({
      name: z.string(),
      paused: z.boolean(),
      waiting: z.int(),
      active: z.int(),
      delayed: z.int(),
      prioritized: z.int(),
      failed: z.int(),
      completed: z.int().describe('Those that are still kept'),
      workers: z.int().nullable().describe('Workers that take its jobs; null where Redis does not list its clients'),
    })
    .meta({ id: 'Queue' }),
);

export const sagaJob = schemaOf<SagaJob>()(
  z
    .object({
      queue: z.string(),
      id: z.string(),
      step: z.string().nullable(),
      kind: z.enum(['step', 'compensation', 'outcome']),
      state: z
        .string()
        .describe("BullMQ's: waiting, waiting-children, prioritized, delayed, active, completed or failed"),
    })
    .meta({ id: 'Job' }),
);

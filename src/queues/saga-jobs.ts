import type { Queue } from 'bullmq';
import { outcomeJobId } from '../core/keys.ts';
import type { QueueBackend } from './backend.ts';
import type { FlowRef } from './jobs.ts';
import type { Places } from './places.ts';

/** A job of a saga that is in a queue now. */
export interface SagaJob {
  readonly queue: string;
  readonly id: string;
  /** Null for an outcome job. */
  readonly step: string | null;
  readonly kind: 'step' | 'compensation' | 'outcome';
  /** BullMQ's word: `waiting`, `waiting-children`, `prioritized`, `delayed`, `active`, `completed` or `failed`. */
  readonly state: string;
}

/** Of older flows only failed compensations are left for long, and those go with the flow. */
const GENERATIONS = 2;

/** The jobs of a saga's newest flow and of the one before, in the queues that are open here. One call asks which there are,
 *  whatever the number of steps, and one more for each that is there its state. */
export async function findSagaJobs(
  { ready, hasJobs }: Pick<QueueBackend, 'ready' | 'hasJobs'>,
  places: Pick<Places, 'ofStep' | 'ofCompensation'>,
  outcomes: Queue,
  ref: FlowRef,
  steps: readonly string[],
): Promise<readonly SagaJob[]> {
  await ready();
  const generations = Array.from({ length: GENERATIONS }, (_, index) => ref.generation - index).filter((n) => n > 0);
  const candidates = generations.flatMap((generation) => placesOf(places, outcomes, { ...ref, generation }, steps));
  const there = await hasJobs(candidates.map(({ queue, id }) => ({ queue: queue.name, id })));
  const found = candidates.filter((_, index) => there[index] === true);
  const jobs = await Promise.all(
    found.map(async ({ queue, id, ...job }) => ({ queue: queue.name, id, ...job, state: await queue.getJobState(id) })),
  );
  return jobs.filter(({ state }) => state !== 'unknown');
}

function placesOf(
  { ofStep, ofCompensation }: Pick<Places, 'ofStep' | 'ofCompensation'>,
  outcomes: Queue,
  ref: FlowRef,
  steps: readonly string[],
) {
  const outcome = {
    queue: outcomes,
    id: outcomeJobId(ref.sagaId, ref.generation),
    step: null,
    kind: 'outcome',
  } as const;
  return [
    ...steps.flatMap((step) => ofStep(ref, step).map((place) => ({ ...place, step, kind: 'step' as const }))),
    ...steps.flatMap((step) =>
      ofCompensation(ref, step).map((place) => ({ ...place, step, kind: 'compensation' as const })),
    ),
    outcome,
  ];
}

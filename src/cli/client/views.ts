/** What the API answers beyond the runner's views. */
import type { SagaView, StepView } from '../../store/views.ts';

/** An older API lacks what is optional here. */
export interface Saga extends Omit<SagaView, 'steps'> {
  /** What happens next, in one sentence. */
  readonly next?: string;
  readonly steps: readonly Step[];
}

export interface Step extends StepView {
  /** Null: no process of the API has the definition. */
  readonly maxAttempts?: number | null;
}

export interface Queue {
  readonly name: string;
  readonly paused: boolean;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly prioritized: number;
  readonly failed: number;
  readonly completed: number;
  /** Null where Redis does not list its clients. */
  readonly workers: number | null;
}

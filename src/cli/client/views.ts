/** What the API answers, as the verbs read it. An older API lacks what is optional here. */
import type { SagaView, StepView, TaskView } from '../../store/views.ts';

export interface Saga extends Omit<SagaView, 'tasks' | 'steps'> {
  /** What happens next, in one sentence. */
  readonly next?: string;
  readonly steps: readonly Step[];
  readonly tasks: readonly Task[];
}

export interface Step extends StepView {
  /** What a person has to do to undo it. */
  readonly instructions?: string | null;
  /** Null: no process of the API has the definition. */
  readonly maxAttempts?: number | null;
}

export interface Task extends Omit<TaskView, 'kind' | 'resolutions' | 'resolution'> {
  readonly kind: string;
  readonly resolutions: readonly string[];
  readonly resolution: string | null;
  readonly fingerprint?: string;
  /** What each resolution will do, in one sentence. */
  readonly effects?: Readonly<Record<string, string>>;
  /** What is known, in sentences. */
  readonly known?: readonly string[];
}

export interface TaskGroup {
  readonly fingerprint: string;
  readonly type: string;
  readonly step: string;
  readonly kind: string;
  readonly pattern: string;
  readonly count: number;
  readonly oldestAt: string;
  readonly newestAt: string;
  readonly exampleTaskId: string;
  readonly retryable: boolean;
  readonly retry: GroupRetry | null;
}

export interface GroupRetry {
  readonly id: string;
  readonly fingerprint: string;
  readonly status: 'running' | 'finished';
  readonly total: number;
  readonly retried: number;
  readonly skipped: number;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
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

import type { SagaStatus, StepStatus } from '../../../src/index.ts';
import type { Resolution, TaskKind } from '../../../src/index.ts';
import type { LedgerLine } from '../sagas/ledger-book.ts';
import type { ToldNotice } from '../load/receiver.ts';
import type { Accepted, Impairment } from '../types.ts';

/** What a run left in the world, and what was seen of it on the way. Rows have the names of their columns. */
export interface Evidence {
  readonly accepted: readonly Accepted[];
  readonly impaired: readonly Impairment[];
  readonly sagas: readonly SagaSeen[];
  readonly steps: readonly StepSeen[];
  readonly log: readonly LogSeen[];
  readonly tasks: readonly TaskSeen[];
  readonly changes: readonly ChangeSeen[];
  readonly effects: readonly EffectSeen[];
  readonly outbox: readonly OutboxSeen[];
  readonly toldNotices: readonly ToldNotice[];
  readonly groupRetries: readonly GroupRetrySeen[];
  readonly consumed: readonly { readonly key: string; readonly name: string }[];
  readonly notifications: readonly { readonly key: string }[];
  readonly payments: readonly PaymentSeen[];
  readonly orders: readonly OrderSeen[];
  readonly devices: readonly DeviceSeen[];
  readonly releases: readonly { readonly allocation_key: string }[];
  readonly entries: readonly EntrySeen[];
  readonly balances: readonly BalanceSeen[];
  readonly books: readonly BookItem[];
  readonly voids: readonly VoidSeen[];
  readonly lines: readonly LedgerLine[];
  readonly jobs: readonly JobSeen[];
  /** What the API says of each accepted saga; undefined where it gave no answer. */
  /** Log lines of requests that the API answered with 500: errors nobody foresaw. */
  readonly unforeseen: readonly string[];
  readonly views: ReadonlyMap<string, unknown>;
}

export interface SagaSeen {
  readonly saga_id: string;
  readonly saga_type: string;
  readonly status: SagaStatus;
  readonly current_step: string;
  readonly step_index: number;
  readonly state: Readonly<Record<string, unknown>>;
  readonly input: Readonly<Record<string, unknown>>;
  readonly error_message: string | null;
  readonly reason: string | null;
  readonly retry_count: number;
  readonly definition: readonly string[];
  readonly generation: number;
  readonly steps_done: number;
  readonly ending: string | null;
  readonly idempotency_key: string | null;
  readonly wait_until: Date | null;
  readonly timeout_at: Date | null;
  readonly started_at: Date;
  readonly updated_at: Date;
  readonly completed_at: Date | null;
}

export interface StepSeen {
  readonly saga_id: string;
  readonly step_index: number;
  readonly name: string;
  readonly status: StepStatus;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly attempts: number;
  readonly error_message: string | null;
  readonly started_at: Date | null;
  readonly done_at: Date | null;
  readonly compensation_attempts: number;
  readonly compensation_error: string | null;
  readonly compensated_at: Date | null;
}

export interface LogSeen {
  readonly saga_id: string;
  readonly at: Date;
  readonly event: string;
  readonly step: string | null;
  readonly attempt: number | null;
  readonly message: string | null;
  readonly actor: string | null;
}

export interface TaskSeen {
  readonly id: string;
  readonly saga_id: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly status: 'open' | 'resolved';
  readonly message: string;
  readonly resolution: Resolution | null;
}

export interface GroupRetrySeen {
  readonly fingerprint: string;
  readonly total: number;
  readonly retried: number;
  readonly skipped: number;
  readonly finished_at: Date | null;
}

/** A change of a saga's row, or of a step's where `step` is set. `after` is null where the saga was deleted. */
export interface ChangeSeen {
  readonly saga_id: string;
  readonly at: Date;
  readonly step: string | null;
  readonly step_index: number | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly generation_before: number | null;
  readonly generation_after: number | null;
  readonly steps_done_before: number | null;
  readonly steps_done_after: number | null;
  /** The name of the connection. */
  readonly who: string;
  /** The transaction. */
  readonly tx: string;
}

export interface EffectSeen {
  readonly key: string;
  readonly saga_id: string;
  readonly step: string;
  readonly what: 'ask' | 'do' | 'undo';
  readonly at: Date;
}

export interface OutboxSeen {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly payload: unknown;
  readonly relayed_at: Date | null;
}

/** Amounts are decimal texts, as `DECIMAL` columns come. */
export interface PaymentSeen {
  readonly id: string;
  readonly order_id: string;
  readonly method: string;
  readonly amount: string;
  readonly status: string;
  readonly provider_ref: string | null;
  readonly refund_amount: string | null;
}

export interface OrderSeen {
  readonly id: string;
  readonly status: string;
  readonly amount: string;
  readonly device_id: string | null;
  readonly creation_key: string | null;
}

export interface DeviceSeen {
  readonly id: string;
  readonly status: string;
  readonly allocation_key: string | null;
}

export interface EntrySeen {
  readonly key: string;
  readonly user_id: string;
  readonly amount: string;
}

export interface BalanceSeen {
  readonly user_id: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A line of the provider's books, as the sandbox shows it. */
export interface BookItem {
  readonly operation: 'charge' | 'refund';
  readonly key: string;
  readonly method: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly originalKey: string | null;
  readonly at: string;
}

export interface VoidSeen {
  readonly key: string;
  readonly method: string;
  readonly at: string;
}

export interface JobSeen {
  readonly queue: string;
  readonly id: string;
  readonly state: 'wait' | 'active' | 'delayed' | 'prioritized' | 'waiting-children' | 'failed';
  readonly sagaId: string;
}

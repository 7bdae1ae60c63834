import type { Notice } from '../core/notice.ts';

/** What a job carries: names only. Everything else is read from PostgreSQL when it runs. */
export interface StepJob {
  readonly sagaId: string;
  readonly type: string;
  readonly generation: number;
  readonly stepIndex: number;
  readonly step: string;
  /** Set before the compensation chain is added: the next run of the job at a flow's root is the one after the chain. */
  readonly unwinding?: true;
}

export interface CompensationJob {
  readonly sagaId: string;
  readonly type: string;
  readonly generation: number;
  readonly step: string;
  /** Whose job is at its flow's root; absent where that is an outcome job. */
  readonly lastStep?: string;
  /** The operator task for which it was failed, and what `attemptsMade` was just before: one that runs again with more of
   *  them was retried by a person. */
  readonly failedFor?: { readonly taskId: string; readonly attemptsMade: number };
}

/** The root of a flow that only undoes. */
export type OutcomeJob = Pick<StepJob, 'sagaId' | 'type' | 'generation' | 'unwinding'>;

export interface EventJob {
  readonly name: string;
  readonly key: string;
  readonly payload: object;
}

/** A notice for one receiver, as the outbox keeps it. */
export interface StoredNotice {
  readonly sagaId: string;
  readonly endpoint: string;
  readonly notice: Notice;
}

/** `key`: the outbox's. */
export interface NoticeJob extends StoredNotice {
  readonly key: string;
}

/** One flow of a saga. */
export type FlowRef = Pick<StepJob, 'sagaId' | 'type' | 'generation'>;

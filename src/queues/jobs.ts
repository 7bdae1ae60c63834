/** What a job carries: names only. Everything else is read from PostgreSQL when it runs. */
export interface StepJob {
  readonly sagaId: string;
  readonly type: string;
  readonly generation: number;
  readonly stepIndex: number;
  readonly step: string;
}

export interface CompensationJob {
  readonly sagaId: string;
  readonly type: string;
  readonly generation: number;
  readonly step: string;
  /** The operator task for which it was failed, and what `attemptsMade` was just before: one that runs again with more of
   *  them was retried by a person. */
  readonly failedFor?: { readonly taskId: string; readonly attemptsMade: number };
}

export interface OutcomeJob {
  readonly sagaId: string;
  readonly type: string;
  readonly generation: number;
  /** Set before the compensation chain is added: the job's next run is the one after the chain. */
  readonly unwinding?: true;
}

export interface EventJob {
  readonly name: string;
  readonly key: string;
  readonly payload: object;
}

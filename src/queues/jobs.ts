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
  /** The operator task for which it was failed. */
  readonly failedFor?: string;
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

/** Names one step of one generation of a saga's flow: what a step job speaks for. */
export interface StepRef {
  readonly sagaId: string;
  readonly generation: number;
  readonly stepIndex: number;
  readonly step: string;
}

export interface CheckIn extends StepRef {
  readonly maxAttempts: number;
}

export interface StepDone extends StepRef {
  /** JSON text. */
  readonly output: string;
  readonly attempt: number;
  /** As the grant gave it. */
  readonly startedAtMs: number;
  /** The step after it, where this process will be given its job: it is checked in with the record. */
  readonly next?: { readonly step: string; readonly maxAttempts: number };
}

export interface Grant {
  readonly kind: 'granted';
  readonly input: unknown;
  readonly state: unknown;
  /** From 1. */
  readonly attempt: number;
  /** The number of this check-in: only the newest one may say that the step failed. */
  readonly checkIn: number;
  /** Whether an earlier run of the step may have acted. */
  readonly unanswered: boolean;
  /** Earlier runs that ended without any word. */
  readonly lost: number;
  /** Whether the step's request was sent and its answer is waited for. */
  readonly waiting: boolean;
  /** Until the saga's deadline in milliseconds. */
  readonly timeLeftMs: number;
  /** When the run was checked in, by the database's clock, in milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** A queue as the API shows it. */
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

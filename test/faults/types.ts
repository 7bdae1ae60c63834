import type { NoticeReceiver } from './load/receiver.ts';

/** A stretch of time in which a process was frozen or cut off from something. Epoch milliseconds. */
export interface Impairment {
  /** 0 where it was every process: a server was away or wiped, a queue was tampered with. */
  readonly pid: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
}

/** What the world of one run looks like to the workload and to the invariants. */
export interface World {
  readonly seed: number;
  /** Reached through no proxy. The API behind it may be down for a while. */
  apiUrl(): string;
  /** Direct, not through a proxy, as the three addresses after it. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly sandboxUrl: string;
  readonly ledgerUrl: string;
  readonly receiver: NoticeReceiver;
  readonly impaired: readonly Impairment[];
  /** The workers' log lines that mention a text. */
  logLines(text: string): Promise<readonly string[]>;
}

/** A start the API answered with 202: from then on the saga has to end. */
export interface Accepted {
  readonly sagaId: string;
  readonly type: string;
  readonly key: string;
  readonly input: unknown;
  readonly startedAtMs: number;
  /** The API answered a cancel of it with 202. */
  readonly cancelled: boolean;
}

export interface Violation {
  /** Null for what concerns no single saga. */
  readonly sagaId: string | null;
  readonly rule: string;
  readonly message: string;
}

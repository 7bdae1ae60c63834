/** What every process of a run is told. */
export interface World {
  readonly contender: ContenderName;
  readonly ending: Ending;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Jobs at once in one worker process. */
  readonly concurrency: number;
  /** Backstep's sagas are started through this API, and not by the library. */
  readonly apiUrl?: string;
  /** The server of the contender of that name. */
  readonly restate?: { readonly ingressUrl: string; readonly adminUrl: string };
}

/** What one could have with the same servers. */
export const CONTENDER_NAMES = ['raw', 'by hand', 'backstep'] as const;
/** What does the same with others. Only their throughput is measured. */
export const PEER_NAMES = ['restate', 'dbos'] as const;
export type ContenderName = (typeof CONTENDER_NAMES)[number] | (typeof PEER_NAMES)[number];

/** `done`: four steps that do nothing succeed. `undone`: the third fails for good, and the second and first are undone. */
export type Ending = 'done' | 'undone';

/** A contender in the process that starts sagas. */
export interface Starter {
  /** Resolves with the saga's id when it is accepted. */
  start(): Promise<string>;
  /** Calls `ended` for every saga, as soon as this process can know that it has ended. */
  watchEnds(ended: (sagaId: string) => void): Promise<void>;
  /** Resolves when all sagas have ended; throws if one of the `started` ended otherwise than it should. */
  settle(started: number): Promise<void>;
  close(): Promise<void>;
}

/** A contender in a process that runs steps. */
export interface Work {
  close(): Promise<void>;
}

/**
 * Both sides of a contender. `worker` calls `lastActed` from the code of the last thing that a saga does (its fourth step,
 * or the first step's undoing): that is how much is in flight, and costs every contender the same.
 */
export interface Contender {
  starter(world: World): Promise<Starter>;
  worker(world: World, lastActed: () => void): Promise<Work>;
}

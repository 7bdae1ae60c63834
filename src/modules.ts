import type { Log } from './core/log.ts';
import type { SagaDefinition, SqlClient } from './core/definition.ts';
import type { Route } from './http/route.ts';
import type { EventHandlers } from './processors/workers.ts';
import type { Runner } from './runner/interface.ts';

/** What the process gives to a module's default function. */
export interface ModuleContext {
  /** Of the class that a module exports as `PrismaClient`, or else Backstep's own. */
  readonly prisma: SqlClient;
  /** Settings from the environment, such as `PROVIDER_URL`. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** What a module brings: its sagas, and what goes with them. */
export interface SagaModule {
  readonly sagas: readonly SagaDefinition[];
  /** Added to the API's route table. */
  readonly routes?: readonly Route[];
  /** Handlers of the `events` queue, run in worker processes. */
  readonly consumers?: (runner: Runner) => EventHandlers;
}

import { withClearFaults } from './runner/clear-faults.ts';
import { deskCalls } from './runner/desk-calls.ts';
import type { Runner, RunnerOptions } from './runner/interface.ts';
import { openParts } from './runner/parts.ts';
import { sagaCalls } from './runner/saga-calls.ts';
import { workCalls } from './runner/work-calls.ts';
import { readFigures } from './store/reads/figures.ts';
import { readOldestReadyMs } from './store/reads/oldest-ready.ts';

/** Builds a runner. Connects lazily; nothing runs until `work()`. Throws a `DefinitionError` for a bad definition, a `TypeError`
 *  without a place for the jobs, and a `RangeError` for webhooks or a schema that are none. */
export function createRunner(options: RunnerOptions): Runner {
  const parts = openParts(options);
  const { registry, sql, backend, tracing } = parts.repair;
  return withClearFaults({
    definitions: registry,
    ...sagaCalls(parts),
    ...deskCalls(parts),
    ...workCalls(parts),
    queues: { list: () => parts.queues.list, ping: () => backend.ping() },
    oldestReadyMs: () => readOldestReadyMs(sql),
    traced: (name, traceParent, work) => tracing.span(name, traceParent, work),
    figures: () => readFigures(sql),
    ping: async () => {
      await sql.$queryRawUnsafe('SELECT 1');
    },
  });
}

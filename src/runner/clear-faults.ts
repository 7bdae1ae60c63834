import { RunnerError, databaseUnavailable } from '../core/errors.ts';
import { isInfrastructureFault } from '../store/fault.ts';
import type { Runner } from './interface.ts';

/** Whatever the caller asked for: an unreachable database is said as such. */
export function withClearFaults(runner: Runner): Runner {
  const guard =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof RunnerError || !isInfrastructureFault(error)) throw error;
        throw databaseUnavailable(error);
      }
    };
  return {
    ...runner,
    start: guard(runner.start),
    get: guard(runner.get),
    list: guard(runner.list),
    metrics: guard(runner.metrics),
    overview: guard(runner.overview),
    jobs: guard(runner.jobs),
    oldestReadyMs: guard(runner.oldestReadyMs),
    figures: guard(runner.figures),
    signal: guard(runner.signal),
    cancel: guard(runner.cancel),
    retryCompensation: guard(runner.retryCompensation),
    audit: guard(runner.audit),
    auditQueueAction: guard(runner.auditQueueAction),
    tasks: guard(runner.tasks),
    task: guard(runner.task),
    resolve: guard(runner.resolve),
    taskGroups: guard(runner.taskGroups),
    retryGroup: guard(runner.retryGroup),
    groupRetry: guard(runner.groupRetry),
    ping: guard(runner.ping),
  };
}

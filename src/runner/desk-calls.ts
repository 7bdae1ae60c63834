import { RunnerError } from '../core/errors.ts';
import type { SqlClient } from '../core/definition.ts';
import { resumeFlow } from '../queues/rebuild.ts';
import { listAudit, writeAudit } from '../store/audit.ts';
import { beginGroupRetry, listGroups, readGroupRetry } from '../store/desk/group-retries.ts';
import type { Decision } from '../store/desk/resolving.ts';
import { createSessionStore } from '../store/desk/sessions.ts';
import { findCompensationTask } from '../store/sagas/tasks.ts';
import { transact } from '../store/transact.ts';
import type { SagaView } from '../store/views.ts';
import type { Runner } from './interface.ts';
import type { Parts } from './parts.ts';

type DeskCalls = Pick<
  Runner,
  | 'retryCompensation'
  | 'audit'
  | 'auditQueueAction'
  | 'tasks'
  | 'task'
  | 'resolve'
  | 'taskGroups'
  | 'retryGroup'
  | 'groupRetry'
  | 'sessions'
>;

const TRANSACTION_BOUNDS = { maxWait: 5_000, timeout: 5_000 } as const;

/** What operators ask. */
export function deskCalls({ repair, queries, tasks, resolving, deliver }: Parts): DeskCalls {
  const { sql, registry } = repair;
  const resolve = async (taskId: string, decision: Decision) => {
    const before = await resolving.resolve(taskId, decision);
    await deliver(before.record.sagaId, () => resumeFlow(repair, before));
  };
  return {
    retryCompensation: async (sagaId, step, by) => {
      const taskId = await requireCompensationTask(sql, await queries.get(sagaId), step);
      await resolve(taskId, { ...by, resolution: 'retry', action: 'retry' });
      return queries.get(sagaId);
    },
    audit: (filter) => listAudit(sql, filter),
    auditQueueAction: (entry) => writeAudit(sql, { ...entry, action: 'queue' }),
    tasks: (filter) => tasks.list(filter),
    task: (taskId) => tasks.get(taskId),
    resolve: async (taskId, resolution, by) => {
      await resolve(taskId, { ...by, resolution });
      return tasks.get(taskId);
    },
    taskGroups: () => listGroups(sql, registry),
    retryGroup: (fingerprint, by) => transact(sql, TRANSACTION_BOUNDS, (tx) => beginGroupRetry(tx, fingerprint, by)),
    groupRetry: (id) => readGroupRetry(sql, id),
    sessions: createSessionStore(sql),
  };
}

async function requireCompensationTask(sql: SqlClient, saga: SagaView, step: string): Promise<string> {
  if (!saga.steps.some(({ name }) => name === step))
    throw new RunnerError('UNKNOWN_STEP', `Saga ${saga.sagaId} has no step ${step}`);
  const task = await findCompensationTask(sql, saga.sagaId, step);
  if (task) return task.taskId;
  throw new RunnerError('WRONG_STATE', `The compensation of ${step} of saga ${saga.sagaId} has not failed`);
}

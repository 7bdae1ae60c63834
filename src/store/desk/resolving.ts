import type { SqlRunner } from '../../core/definition.ts';
import { RunnerError } from '../../core/errors.ts';
import { outputText } from '../../core/json.ts';
import { isInCharge } from '../../core/rescue.ts';
import type { Resolution } from '../../core/task.ts';
import { writeAudit } from '../audit.ts';
import { noteRetried } from './group-retries.ts';
import type { LoadedSaga } from '../sagas/loaded-saga.ts';
import { writeLog } from '../log.ts';
import { abandonSaga, reopenCompensation, sendForward } from '../sagas/reopen.ts';
import type { SagaStore } from '../sagas/sagas.ts';
import type { TaskRow } from './task-views.ts';
import { optionsOf, readTask } from './task-views.ts';
import type { TaskResolution } from '../sagas/tasks.ts';
import { closeTask, findRescues } from '../sagas/tasks.ts';

/** What a person decided about a task. */
export interface Decision extends TaskResolution {
  /** With `done`: what the step returned, a JSON object. */
  readonly output?: unknown;
  /** The retry of a group that this is part of. */
  readonly groupRetry?: string;
  /** What the audit calls it. Default `resolve`. */
  readonly action?: 'resolve' | 'retry' | 'rescue';
}

export interface Resolving {
  /**
   * Resolves an open task, and answers its saga as it was. Of two that resolve one task, one is first, and the other gets a
   * WRONG_STATE that says who was. Throws also UNKNOWN_TASK, INVALID_INPUT, and RESOLUTION_NOT_ALLOWED with those that are.
   */
  resolve(taskId: string, decision: Decision): Promise<LoadedSaga>;
}

export function createResolving(sql: SqlRunner, sagas: SagaStore, outputLimitBytes: number): Resolving {
  return {
    resolve: async (taskId, decision) => {
      const output = checkedOutput(decision, outputLimitBytes);
      const { saga_id: sagaId } = await readTask(sql, taskId);
      return sagas.withLock(sagaId, async (tx, saga) => {
        const task = await readTask(tx, taskId);
        requireAllowed(task, saga, decision.resolution);
        if (decision.resolution === 'abandon') await requireNoRescue(tx, task);
        await carryOut(tx, { sagas, saga, task, decision, output });
        await audit(tx, task, decision);
        if (decision.groupRetry !== undefined) await noteRetried(tx, decision.groupRetry);
        return saga;
      });
    },
  };
}

interface Case {
  readonly sagas: SagaStore;
  readonly saga: LoadedSaga;
  readonly task: TaskRow;
  readonly decision: Decision;
  /** JSON text. */
  readonly output: string;
}

async function carryOut(tx: SqlRunner, { sagas, saga, task, decision, output }: Case): Promise<void> {
  if (task.kind === 'LATE_RESULT') return closeLateResult(tx, task, decision);
  switch (decision.resolution) {
    case 'retry':
    case 'undone':
      return reopenCompensation(tx, sagas, saga, task.step, decision);
    case 'done':
      return sendForward(tx, sagas, saga, decision, { step: task.step, output });
    case 'forward':
      return sendForward(tx, sagas, saga, decision);
    case 'abandon':
      return abandonSaga(tx, sagas, saga, decision);
    default:
      return decision.resolution satisfies never;
  }
}

async function closeLateResult(tx: SqlRunner, task: TaskRow, decision: Decision): Promise<void> {
  const { resolution, reason, actor } = decision;
  await closeTask(tx, String(task.id), decision);
  const message = `${resolution}: ${reason}`;
  await writeLog(tx, { sagaId: task.saga_id, event: 'task resolved', step: task.step, message, actor });
}

async function audit(tx: SqlRunner, task: TaskRow, { actor, resolution, reason, action }: Decision): Promise<void> {
  const about = { sagaId: task.saga_id, step: task.step, taskId: String(task.id) };
  await writeAudit(tx, { actor, action: action ?? 'resolve', ...about, detail: resolution, reason });
}

function requireAllowed(task: TaskRow, saga: LoadedSaga, resolution: Resolution): void {
  if (task.status !== 'open')
    throw new RunnerError('WRONG_STATE', `Task ${task.id} was resolved as ${task.resolution} by ${task.resolved_by}`);
  const allowed = [...optionsOf(task, saga).keys()];
  if (allowed.includes(resolution)) return;
  const choice = allowed.length === 0 ? 'not be resolved any more' : `be resolved as ${allowed.join(' or ')}`;
  throw new RunnerError('RESOLUTION_NOT_ALLOWED', `Task ${task.id} can ${choice}, got ${resolution}`, { allowed });
}

/** The end of a saga closes its other tasks, too: not while a rescue has one of them. */
async function requireNoRescue(tx: SqlRunner, { id, saga_id: sagaId }: TaskRow): Promise<void> {
  const rescue = (await findRescues(tx, sagaId)).find(isInCharge);
  if (rescue)
    throw new RunnerError(
      'WRONG_STATE',
      `Task ${id} cannot end its saga while ${rescue.sagaId} rescues another step of it`,
    );
}

/** Checked against nothing but JSON: it is a person's word. */
function checkedOutput({ resolution, output }: Decision, limitBytes: number): string {
  if (resolution !== 'done') {
    if (output === undefined) return '{}';
    throw invalidOutput(`Output goes with done, got ${resolution}`);
  }
  if (output === undefined) throw invalidOutput('Output is expected with done, got nothing');
  try {
    return outputText(output, limitBytes);
  } catch (error) {
    throw invalidOutput(error instanceof Error ? error.message : 'Output is not JSON', error);
  }
}

function invalidOutput(message: string, cause?: unknown): RunnerError {
  return new RunnerError('INVALID_INPUT', message, { issues: [{ pointer: '/output', message }], cause });
}

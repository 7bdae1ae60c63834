import { z } from 'zod';
import { listTaskGroups } from '../handlers/list-task-groups.ts';
import { listTasks } from '../handlers/list-tasks.ts';
import { resolveTask } from '../handlers/resolve-task.ts';
import { retryGroup } from '../handlers/retry-group.ts';
import { showGroupRetry } from '../handlers/show-group-retry.ts';
import { showTask } from '../handlers/show-task.ts';
import { fingerprint, jsonObject, paging, reason, sagaId, sagaType, taskId } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { FINGERPRINT, GROUP_RETRY, RESOLVED, TASK, TASK_GROUP } from '../examples.ts';
import { TASKS } from '../tags.ts';
import { answer, groupRetry, pageOf, refusal, resolution, taskGroup, taskView } from '../views.ts';

const one: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/tasks',
    role: 'viewer',
    summary: 'List what waits for a person',
    name: 'listTasks',
    tag: TASKS,
    example: { query: { status: 'open', type: 'PAYMENT_REFUND' } },
    query: z.strictObject({
      status: z.enum(['open', 'resolved']).exactOptional(),
      fingerprint: fingerprint.exactOptional(),
      sagaId: sagaId.exactOptional(),
      type: sagaType.exactOptional(),
      ...paging,
    }),
    responses: {
      200: answer('A page of tasks', pageOf(taskView), { items: [TASK], nextCursor: null }),
      422: refusal('INVALID_REQUEST or INVALID_CURSOR'),
    },
    handler: listTasks,
  }),
  route({
    method: 'get',
    path: '/api/tasks/:id',
    role: 'viewer',
    summary: 'Show a task: what is known, and what each resolution would do',
    name: 'showTask',
    tag: TASKS,
    example: { params: { id: TASK.id } },
    params: z.object({ id: taskId }),
    responses: { 200: answer('The task', taskView, TASK), 404: refusal('UNKNOWN_TASK') },
    handler: showTask,
  }),
  route({
    method: 'post',
    path: '/api/tasks/:id/resolve',
    role: 'operator',
    summary: 'Resolve a task, with a reason',
    name: 'resolveTask',
    tag: TASKS,
    example: { params: { id: TASK.id }, body: { resolution: 'undone', reason: 'Put back by hand, ticket 4711' } },
    params: z.object({ id: taskId }),
    body: z.strictObject({
      resolution,
      reason,
      output: jsonObject.exactOptional().describe("With `done`, and only there: the step's output"),
    }),
    responses: {
      200: answer('The resolved task', taskView, RESOLVED),
      404: refusal('UNKNOWN_TASK'),
      409: refusal('WRONG_STATE: somebody else was first; or RESOLUTION_NOT_ALLOWED: `allowed` has those that are'),
      422: refusal(
        'INVALID_REQUEST, or INVALID_INPUT: the output is missing, too large, or goes with another resolution',
      ),
    },
    handler: resolveTask,
  }),
];

const groups: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/tasks/groups',
    role: 'viewer',
    summary: 'List open tasks that ask for the same together, the largest groups first: at most 200',
    name: 'listTaskGroups',
    tag: TASKS,
    example: {},
    responses: { 200: answer('The groups', z.object({ items: z.array(taskGroup) }), { items: [TASK_GROUP] }) },
    handler: listTaskGroups,
  }),
  route({
    method: 'post',
    path: '/api/tasks/groups/:fingerprint/retry',
    role: 'operator',
    summary: 'Try all open tasks of a group again, in the background',
    name: 'retryGroup',
    tag: TASKS,
    example: { params: { fingerprint: FINGERPRINT }, body: { reason: 'The ledger is back' } },
    params: z.object({ fingerprint }),
    body: z.strictObject({ reason }),
    responses: {
      202: answer('Accepted', groupRetry, GROUP_RETRY, { Location: 'Where its progress is' }),
      404: refusal('UNKNOWN_GROUP: no open task has this fingerprint'),
      409: refusal('WRONG_STATE: it is being retried already'),
    },
    handler: retryGroup,
  }),
  route({
    method: 'get',
    path: '/api/tasks/retries/:id',
    role: 'viewer',
    summary: 'Say how far the retry of a group is',
    name: 'showGroupRetry',
    tag: TASKS,
    example: { params: { id: GROUP_RETRY.id } },
    params: z.object({ id: taskId }),
    responses: { 200: answer('The retry', groupRetry, GROUP_RETRY), 404: refusal('UNKNOWN_GROUP') },
    handler: showGroupRetry,
  }),
];

/** Those with a word where another has a parameter come first. */
export const taskRoutes: readonly Route[] = [...groups, ...one];

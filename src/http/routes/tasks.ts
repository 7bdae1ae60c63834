import { z } from 'zod';
import { listTasks } from '../handlers/list-tasks.ts';
import { resolveTask } from '../handlers/resolve-task.ts';
import { paging, reason, taskId } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { pageOf, refusal, resolution, taskView } from '../views.ts';

export const taskRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/tasks',
    role: 'viewer',
    summary: 'List what waits for a person',
    query: z.strictObject({ status: z.enum(['open', 'resolved']).exactOptional(), ...paging }),
    responses: {
      200: { description: 'A page of tasks', schema: pageOf(taskView) },
      422: refusal('INVALID_REQUEST or INVALID_CURSOR'),
    },
    handler: listTasks,
  }),
  route({
    method: 'post',
    path: '/api/tasks/:id/resolve',
    role: 'operator',
    summary: 'Resolve a task, with a reason',
    params: z.object({ id: taskId }),
    body: z.strictObject({ resolution, reason }),
    responses: {
      200: { description: 'The resolved task', schema: taskView },
      404: refusal('UNKNOWN_TASK'),
      409: refusal('WRONG_STATE: it is resolved, or this resolution is none of its'),
    },
    handler: resolveTask,
  }),
];

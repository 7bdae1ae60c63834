import { z } from 'zod';
import { listJobs } from '../handlers/list-jobs.ts';
import { listQueues } from '../handlers/list-queues.ts';
import { showOverview } from '../handlers/show-overview.ts';
import { sagaId } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { JOB, OVERVIEW, QUEUE, SAGA_ID } from '../examples.ts';
import { OPERATIONS, SAGAS } from '../tags.ts';
import { answer, refusal } from '../views.ts';
import { overview, queueView, sagaJob } from '../views/desk.ts';

export const deskRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/admin/overview',
    role: 'viewer',
    summary: 'What there is, what goes on, and what waits for a person',
    name: 'showOverview',
    tag: OPERATIONS,
    example: { query: { window: '24h' } },
    query: z.strictObject({ window: z.enum(['1h', '6h', '24h', '7d']).default('24h') }),
    responses: { 200: answer('The overview', overview, OVERVIEW) },
    handler: showOverview,
  }),
  route({
    method: 'get',
    path: '/api/queues',
    role: 'viewer',
    summary: 'List the queues with the numbers of their jobs and workers',
    name: 'listQueues',
    tag: OPERATIONS,
    example: {},
    responses: {
      200: answer('All of them', z.object({ items: z.array(queueView) }), { items: [QUEUE] }),
      503: refusal('QUEUES_UNAVAILABLE or DATABASE_UNAVAILABLE'),
    },
    handler: listQueues,
  }),
  route({
    method: 'get',
    path: '/api/sagas/:sagaId/jobs',
    role: 'viewer',
    summary: 'List the jobs of a saga that are in the queues now',
    name: 'listJobs',
    tag: SAGAS,
    example: { params: { sagaId: SAGA_ID } },
    params: z.object({ sagaId }),
    responses: {
      200: answer('Those of its newest flow, and of the one before', z.object({ items: z.array(sagaJob) }), {
        items: [JOB],
      }),
      404: refusal('UNKNOWN_SAGA'),
      503: refusal('QUEUES_UNAVAILABLE or DATABASE_UNAVAILABLE'),
    },
    handler: listJobs,
  }),
];

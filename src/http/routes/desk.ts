import { z } from 'zod';
import { listJobs } from '../handlers/list-jobs.ts';
import { listQueues } from '../handlers/list-queues.ts';
import { showOverview } from '../handlers/show-overview.ts';
import { sagaId } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { refusal } from '../views.ts';
import { overview, queueView, sagaJob } from '../views/desk.ts';

export const deskRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/admin/overview',
    role: 'viewer',
    summary: 'What there is, what goes on, and what waits for a person',
    query: z.strictObject({ window: z.enum(['1h', '6h', '24h', '7d']).default('24h') }),
    responses: { 200: { description: 'The overview', schema: overview } },
    handler: showOverview,
  }),
  route({
    method: 'get',
    path: '/api/queues',
    role: 'viewer',
    summary: 'List the queues with the numbers of their jobs and workers',
    responses: {
      200: { description: 'All of them', schema: z.object({ items: z.array(queueView) }) },
      503: refusal('QUEUES_UNAVAILABLE'),
    },
    handler: listQueues,
  }),
  route({
    method: 'get',
    path: '/api/sagas/:sagaId/jobs',
    role: 'viewer',
    summary: 'List the jobs of a saga that are in the queues now',
    params: z.object({ sagaId }),
    responses: {
      200: {
        description: 'Those of its newest flow, and of the one before',
        schema: z.object({ items: z.array(sagaJob) }),
      },
      404: refusal('UNKNOWN_SAGA'),
      503: refusal('QUEUES_UNAVAILABLE or DATABASE_UNAVAILABLE'),
    },
    handler: listJobs,
  }),
];

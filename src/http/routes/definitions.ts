import { z } from 'zod';
import { listDefinitions } from '../handlers/list-definitions.ts';
import { route, type Route } from '../route.ts';
import { definition } from '../views/definition.ts';

export const definitionRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/definitions',
    role: 'viewer',
    summary: 'List the saga types that this process knows, with their steps and what a request looks like',
    responses: { 200: { description: 'All of them', schema: z.object({ items: z.array(definition) }) } },
    handler: listDefinitions,
  }),
];

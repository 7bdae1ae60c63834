import { z } from 'zod';
import { listDefinitions } from '../handlers/list-definitions.ts';
import { route, type Route } from '../route.ts';
import { DEFINITION } from '../examples.ts';
import { SAGAS } from '../tags.ts';
import { answer } from '../views.ts';
import { definition } from '../views/definition.ts';

export const definitionRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/definitions',
    role: 'viewer',
    summary: 'List the saga types that this process knows, with their steps and what a request looks like',
    name: 'listDefinitions',
    tag: SAGAS,
    example: {},
    responses: { 200: answer('All of them', z.object({ items: z.array(definition) }), { items: [DEFINITION] }) },
    handler: listDefinitions,
  }),
];

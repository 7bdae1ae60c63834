import { z } from 'zod';
import { listAudit } from '../handlers/list-audit.ts';
import { paging, sagaId } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { AUDIT_ENTRY } from '../examples.ts';
import { OPERATIONS } from '../tags.ts';
import { answer, auditAction, auditEntry, pageOf, refusal } from '../views.ts';

export const auditRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/audit',
    role: 'viewer',
    summary: 'List what people did, newest first',
    name: 'listAudit',
    tag: OPERATIONS,
    example: { query: { actor: 'alice', action: 'resolve' } },
    query: z.strictObject({
      actor: z
        .string()
        .regex(/^[\w.-]{1,200}$/, 'The name of a key is expected')
        .exactOptional(),
      action: auditAction.exactOptional(),
      sagaId: sagaId.exactOptional(),
      ...paging,
    }),
    responses: {
      200: answer('A page of the audit', pageOf(auditEntry), { items: [AUDIT_ENTRY], nextCursor: null }),
      422: refusal('INVALID_REQUEST or INVALID_CURSOR'),
    },
    handler: listAudit,
  }),
];

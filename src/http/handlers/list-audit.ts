import type { AuditFilter } from '../../store/views.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

export async function listAudit({ query }: RouteRequest<unknown, AuditFilter>, { runner }: Services): Promise<Reply> {
  return { status: 200, body: await runner.audit(query) };
}

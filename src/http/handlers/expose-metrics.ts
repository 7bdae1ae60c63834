import type { Reply, RouteRequest, Services } from '../route.ts';
import { HttpError } from '../route.ts';

/** For Prometheus. */
export async function exposeMetrics(_request: RouteRequest, { metrics }: Services): Promise<Reply> {
  if (!metrics) throw new HttpError(404, 'METRICS_OFF', 'This process keeps no metrics');
  return { status: 200, body: await metrics.text(), headers: { 'content-type': metrics.contentType } };
}

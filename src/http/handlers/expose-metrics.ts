import type { Reply, RouteRequest, Services } from '../route.ts';
import { refused } from '../refusals.ts';

/** For Prometheus. */
export async function exposeMetrics(_request: RouteRequest, { metrics }: Services): Promise<Reply> {
  if (!metrics) throw refused('METRICS_OFF', 'This process keeps no metrics');
  return { status: 200, body: await metrics.text(), headers: { 'content-type': metrics.contentType } };
}

import type { OverviewWindow } from '../../store/views.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

type Ask = RouteRequest<unknown, { readonly window: OverviewWindow }>;

export async function showOverview({ query }: Ask, { desk }: Services): Promise<Reply> {
  return { status: 200, body: await desk.overview(query.window) };
}
